"""Locks between processes."""

import fcntl
from pathlib import Path
from typing import IO


class Lock:
    """An advisory lock on a file; the kernel lets go of it when the holder dies."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.stream: IO[str] | None = None

    def take(self, *, shared: bool = False, wait: bool = False) -> bool:
        stream = self.file.open("a+", encoding="utf-8")
        operation = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(stream, operation if wait else operation | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.close()
            return False
        self.stream = stream
        return True

    def release(self) -> None:
        if self.stream:
            self.stream.close()
            self.stream = None
