"""Where things lie: the project, and the data folder with its servers, logs and locks."""

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Places:
    """The folders and files of one data folder (`OPSDESK_DATA_DIR`, by default `var/`)."""

    data: Path

    @classmethod
    def from_environment(cls) -> "Places":
        chosen = os.environ.get("OPSDESK_DATA_DIR")
        return cls(Path(chosen).expanduser().resolve() if chosen else PROJECT / "var")

    @property
    def postgres(self) -> Path:
        return self.data / "postgres"

    @property
    def valkey(self) -> Path:
        return self.data / "valkey"

    @property
    def logs(self) -> Path:
        return self.data / "log"

    @property
    def run(self) -> Path:
        """What is true only while something runs: locks, addresses, process records."""
        return self.data / "run"

    @property
    def secret_key(self) -> Path:
        return self.data / "secret_key"

    @property
    def passwords(self) -> Path:
        return self.data / "passwords.json"

    @property
    def prepared(self) -> Path:
        """What the last successful preparation (migrations, demo company) saw, and printed."""
        return self.data / "prepared.json"

    def make(self) -> None:
        for folder in (self.data, self.run, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        # Passwords lie below it: nobody else looks in.
        self.run.chmod(0o700)


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, in one step (a reader never sees half of it)."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    temporary.replace(file)
