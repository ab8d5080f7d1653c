"""The pair of embedded servers, who holds them, and the addresses they hand out.

One process holds the servers of a data folder (an exclusive lock); it writes their addresses into
`run/servers.json`. Commands that only borrow them hold a shared lock, and a holder that is itself
only a command waits for its borrowers before it stops the servers.
"""

import json
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from stack.console import Trouble
from stack.identity import choose_identity
from stack.places import Places, write_private
from stack.postgres import APP, DATABASE, OWNER, Postgres
from stack.processes import (
    Child,
    birth,
    dismiss_guard,
    record,
    start_guard,
    stop_recorded,
)
from stack.programs import postgres_programs, valkey_program
from stack.valkey import Valkey

START_SECONDS = 60.0


@dataclass(frozen=True)
class Wanted:
    """Which servers are ours to start: those the environment gives no address for."""

    postgres: bool
    valkey: bool

    @classmethod
    def from_environment(cls) -> "Wanted":
        return cls(not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL"))

    @property
    def any(self) -> bool:
        return self.postgres or self.valkey


@dataclass
class Servers:
    """The embedded servers of one data folder, held by this process."""

    places: Places
    wanted: Wanted
    for_tests: bool = False
    children: list[Child] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    guard: "subprocess.Popen[bytes] | None" = None
    postgres: Postgres | None = None
    valkey: Valkey | None = None

    def start(self) -> None:
        """Start them and wait until both answer. From the main thread only (death signals)."""
        try:
            self.spawn()
            self.wait()
        except BaseException:
            self.stop()
            raise

    @property
    def records(self) -> Path:
        return self.places.run / "children.json"

    def spawn(self) -> None:
        stop_recorded(self.records)
        self.guard = start_guard(self.records)
        passwords = self.passwords()
        if self.wanted.valkey:
            self.spawn_valkey(passwords["valkey"])
        if self.wanted.postgres:
            self.spawn_postgres(passwords["owner"], passwords["app"])
        record(self.records, self.children)

    def spawn_valkey(self, password: str) -> None:
        self.valkey = Valkey(
            program=valkey_program(),
            data=self.places.valkey,
            log=self.places.logs / "valkey.log",
            password=password,
            for_tests=self.for_tests,
        )
        self.valkey_port = self.port("valkey")
        child = self.valkey.child(self.valkey_port)
        child.start()
        self.children.append(child)
        self.environment["REDIS_URL"] = f"redis://:{password}@127.0.0.1:{self.valkey_port}/0"

    def spawn_postgres(self, owner_password: str, app_password: str) -> None:
        self.postgres = Postgres(
            programs=postgres_programs(),
            data=self.places.postgres,
            identity=choose_identity(os.environ.get("OPSDESK_PG_IDENTITY", "")),
            log=self.places.logs / "postgresql.log",
            for_tests=self.for_tests,
        )
        self.postgres.make(owner_password, app_password)
        self.postgres.stop_stale()
        port = self.port("postgres")
        child = self.postgres.child(port)
        child.start()
        self.children.append(child)
        self.environment |= {
            "DATABASE_URL": address(APP, app_password, port),
            "DATABASE_OWNER_URL": address(OWNER, owner_password, port),
            "OPSDESK_APP_ROLE": APP,
            "OPSDESK_PG_BIN": str(self.postgres.programs),
        }

    def wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while True:
            waiting = [child for child in self.children if not self.answers(child)]
            if not waiting:
                return
            for child in waiting:
                if not child.running:
                    raise child.died()
            if time.monotonic() > until:
                raise Trouble(
                    f"{waiting[0].name} does not answer after {START_SECONDS:.0f} s; "
                    f"see {waiting[0].log}"
                )
            time.sleep(0.02)

    def answers(self, child: Child) -> bool:
        if self.postgres and child.name == "PostgreSQL":
            return child.running and self.postgres.ready()
        if self.valkey and child.name == "Valkey":
            return child.running and self.valkey.ready(self.valkey_port)
        return False

    def stop(self) -> None:
        for child in reversed(self.children):
            child.ask_to_stop()
        for child in reversed(self.children):
            child.stop()
        if self.guard:
            dismiss_guard(self.guard, self.records)
            self.guard = None

    def passwords(self) -> dict[str, str]:
        """Made once, kept in a file that only its owner reads."""
        file = self.places.passwords
        if not file.exists():
            # Letters and digits only: they go into SQL, URLs and valkey.conf unquoted.
            made = {name: secrets.token_hex(24) for name in ("owner", "app", "valkey")}
            write_private(file, json.dumps(made))
        passwords: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
        return passwords

    def port(self, name: str) -> int:
        """The port used last time where it is free, so that a noted address keeps working."""
        file = self.places.run / "ports.json"
        try:
            ports: dict[str, int] = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            ports = {}
        if not (name in ports and is_free(ports[name])):
            ports[name] = free_port()
            write_private(file, json.dumps(ports))
        return ports[name]


def address(role: str, password: str, port: int) -> str:
    return f"postgresql://{quote(role)}:{password}@127.0.0.1:{port}/{DATABASE}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def make_secret_key(places: Places) -> None:
    if not os.environ.get("OPSDESK_SECRET_KEY") and not places.secret_key.exists():
        write_private(places.secret_key, secrets.token_urlsafe(50) + "\n")


def announce(places: Places, what: str, environment: Mapping[str, str], url: str = "") -> None:
    """Tell other processes where the servers are, and who holds them."""
    said = {
        "pid": os.getpid(),
        "birth": birth(os.getpid()),
        "what": what,
        "url": url,
        "environment": dict(environment),
    }
    write_private(places.run / "servers.json", json.dumps(said))


@dataclass(frozen=True)
class Announcement:
    pid: int
    what: str
    url: str
    environment: dict[str, str]


def announced(places: Places) -> Announcement | None:
    """What the living holder of the servers has told, if it is that far."""
    try:
        said = json.loads((places.run / "servers.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if birth(said["pid"]) != said["birth"]:
        return None
    return Announcement(said["pid"], said["what"], said["url"], said["environment"])


def withdraw(places: Places) -> None:
    (places.run / "servers.json").unlink(missing_ok=True)
