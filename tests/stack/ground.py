"""Whole stacks for tests: where they run, what of them is alive, how they are started."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from stack.places import PROJECT
from stack.servers import free_port
from stack.testing import without_servers


def alive_below(folder: Path) -> dict[int, str]:
    """Processes that work in a folder or were told of it: pid → command line. Linux only."""
    mark = os.fsencode(folder)
    found: dict[int, str] = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
            told = (
                words
                + (process / "environ").read_bytes()
                + os.fsencode((process / "cwd").readlink())
            )
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if mark in told and state not in "ZX" and int(process.name) != os.getpid():
            found[int(process.name)] = words.replace(b"\0", b" ").decode(errors="replace").strip()
    return found


def wait_until_gone(folder: Path, seconds: float) -> dict[int, str]:
    """What is still alive below a folder after at most so many seconds."""
    until = time.monotonic() + seconds
    while (left := alive_below(folder)) and time.monotonic() < until:
        time.sleep(0.1)
    return left


def copy_of_the_project(target: Path) -> Path:
    """What a clone would hold: the files that git knows, or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, os.fsdecode(listed.stdout).split("\0")):
        if (PROJECT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, target / name)
    return target


@dataclass
class Run:
    """One `stack/run.py` in a process of its own, with its output kept."""

    data: Path
    project: Path = PROJECT
    python: str = sys.executable
    user: int | None = None
    more: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    seconds: float = 0.0

    def start(self) -> "Run":
        self.output = self.data.parent / f"{self.data.name}-{self.port}.out"
        begun = time.monotonic()
        with self.output.open("ab") as stream:
            self.process = subprocess.Popen(
                [self.python, str(self.project / "stack" / "run.py")],
                cwd="/",
                env={
                    **without_servers(),
                    "OPSDESK_DATA_DIR": str(self.data),
                    "PORT": str(self.port),
                    **self.more,
                },
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else [],
            )
        self.begun = begun
        return self

    def wait_ready(self, seconds: float = 240) -> "Run":
        until = time.monotonic() + seconds
        while "OpsDesk is ready at" not in self.said():
            if self.process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise AssertionError(f"not ready:\n{self.said()}\n{self.logs()}")
            time.sleep(0.02)
        self.seconds = time.monotonic() - self.begun
        return self

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def logs(self) -> str:
        files = sorted((self.data / "log").glob("*.log"))
        return "\n".join(
            f"{file.name}: {file.read_text(errors='replace')[-2000:]}" for file in files
        )

    def page(self, path: str = "") -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=20) as answer:
            text: str = answer.read().decode("utf-8")
            return text

    def stop(self, number: signal.Signals = signal.SIGINT, seconds: float = 60) -> int:
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(60)
