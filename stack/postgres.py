"""The embedded PostgreSQL: made once, started with a password on a port of this machine only.

Three roles: `postgres` (superuser, used by nobody), `opsdesk_owner` (owns the schema, runs
migrations, may create the databases of the tests) and `opsdesk_app` (what the product runs as;
its rights are granted by the migrations).
"""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stack.console import Trouble
from stack.identity import Identity, give_to
from stack.places import write_private
from stack.processes import Child, birth, command_of, launched

DATABASE = "opsdesk"
OWNER = "opsdesk_owner"
APP = "opsdesk_app"

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # A socket's path must be short; ours can be any path.
    "unix_socket_directories": "",
    "max_connections": "80",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
# Nothing in a test database needs to survive a power cut.
TEST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


@dataclass
class Postgres:
    """One cluster: its programs, its folder, who it runs as."""

    programs: Path
    data: Path
    identity: Identity
    log: Path
    for_tests: bool = False

    def make(self, owner_password: str, app_password: str) -> None:
        """Make the cluster with its roles and database, whole or not at all."""
        if self.data.exists():
            self.check_version()
            give_to(self.identity.owner, self.data)
            return
        self.data.parent.mkdir(parents=True, exist_ok=True)
        for left_over in self.data.parent.glob(f"{self.data.name}.new-*"):
            shutil.rmtree(left_over)
        fresh = self.data.with_name(f"{self.data.name}.new-{secrets.token_hex(4)}")
        fresh.mkdir(mode=0o700)
        give_to(self.identity.owner, fresh)
        try:
            self.initialise(fresh)
            self.single_user(
                fresh,
                "postgres",
                [
                    f"CREATE ROLE {OWNER} LOGIN CREATEDB PASSWORD '{owner_password}'",
                    f"CREATE ROLE {APP} LOGIN PASSWORD '{app_password}'",
                    f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
                ],
            )
        except Trouble:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        fresh.rename(self.data)

    def initialise(self, folder: Path) -> None:
        # The superuser's password is thrown away: roles and databases are made in single-user mode.
        password_file = folder.with_name(f"{folder.name}.password")
        write_private(password_file, secrets.token_urlsafe(32))
        give_to(self.identity.owner, password_file)
        ctype = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
        try:
            self.once(
                "initdb",
                "--pgdata",
                str(folder),
                "--encoding=UTF8",
                "--locale=C",
                # pg_trgm sees no letters in Chinese under a plain C locale.
                f"--lc-ctype={ctype}",
                *self.locale_provider(),
                "--auth=scram-sha-256",
                "--username=postgres",
                f"--pwfile={password_file}",
                *(["--no-sync"] if self.for_tests else []),
            )
        finally:
            password_file.unlink(missing_ok=True)

    def locale_provider(self) -> list[str]:
        """The builtin provider sorts alike on every system; PostgreSQL has it since 17."""
        if self.program_version() < 17:
            return []
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]

    def program_version(self) -> int:
        answer = subprocess.run(
            [self.programs / "postgres", "--version"], capture_output=True, text=True, check=True
        )
        return int(answer.stdout.split()[2].split(".")[0])

    def check_version(self) -> None:
        made_by = int((self.data / "PG_VERSION").read_text(encoding="ascii"))
        here = self.program_version()
        if made_by != here:
            raise Trouble(
                f"The data in {self.data} was made by PostgreSQL {made_by}, and the programs in "
                f"{self.programs} are version {here}.\nName the folder of the older programs "
                "(OPSDESK_PG_BIN), make a backup, move the data folder away, and restore into "
                "the new version: docs/how-to/operate-opsdesk.md."
            )

    def single_user(self, folder: Path, database: str, statements: Sequence[str]) -> None:
        self.once(
            "postgres", "--single", "-j", "-D", str(folder), database, text=";\n\n".join(statements)
        )

    def once(self, program: str, *arguments: str, text: str = "") -> None:
        """Run a program to its end as the cluster's identity."""
        answer = subprocess.run(
            [
                *launched(signal.SIGTERM, self.identity.word),
                str(self.programs / program),
                *arguments,
            ],
            input=text + ";\n\n" if text else "",
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            env=self.environment(),
        )
        said = f"{answer.stdout}{answer.stderr}"
        # Single-user mode answers 0 even where a statement failed.
        if answer.returncode or "ERROR:" in said or "FATAL:" in said:
            raise Trouble(f"PostgreSQL's {program} failed:\n\n{said.strip()}")

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TZ") if name in os.environ}
        return {**kept, "LC_ALL": "C"}

    def child(self, port: int) -> Child:
        settings = {**SETTINGS, **(TEST_SETTINGS if self.for_tests else {}), "port": str(port)}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Child(
            name="PostgreSQL",
            command=[str(self.programs / "postgres"), "-D", str(self.data), *words],
            environment=self.environment(),
            folder=Path("/"),
            log=self.log,
            identity=self.identity.word,
            # SIGINT is the fast shutdown: clients are let go, everything is written.
            death_signal=signal.SIGINT,
            stop_signals=(
                (signal.SIGINT, 30),
                (signal.SIGQUIT, 10),
                (signal.SIGKILL, 5),
            ),
        )

    def ready(self) -> bool:
        """PostgreSQL writes `ready` into the eighth line of its pid file."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"

    def stop_stale(self) -> None:
        """Stop a server that an earlier, killed start left on this data."""
        file = self.data / "postmaster.pid"
        try:
            pid = int(file.read_text(encoding="utf-8").split("\n", 1)[0])
        except (OSError, ValueError):
            return
        born = birth(pid)
        words = command_of(pid)
        if born is None or not words or "postgres" not in words[0] or str(self.data) not in words:
            # Gone; or a zombie that no init reaps, as in many containers; or, after a restart of
            # the machine, somebody else with that number. For the last two PostgreSQL would refuse
            # to start. Should a part of the old server live, its shared memory still tells.
            file.unlink(missing_ok=True)
            return
        for number, patience in ((signal.SIGINT, 20.0), (signal.SIGQUIT, 10.0)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            until = time.monotonic() + patience
            while birth(pid) == born and time.monotonic() < until:
                time.sleep(0.05)
            if birth(pid) != born:
                file.unlink(missing_ok=True)
                return
        raise Trouble(f"PostgreSQL (process {pid}) still runs on {self.data} and does not stop.")
