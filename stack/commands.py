"""The servers that a `manage.py` command needs, for its length.

Uses those that run; else starts them and stops them when the command, and every other command
that borrowed them meanwhile, is done.
"""

import contextlib
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence

from stack.console import Trouble, warn
from stack.locks import Lock
from stack.places import Places
from stack.servers import Servers, Wanted, announce, announced, make_secret_key, withdraw

# They read files only; everything else may ask the database.
NEED_NO_SERVER = frozenset(
    {
        "help", "version", "--help", "-h", "--version", "check_catalogues", "collect_files",
        "compile_catalogues", "collectstatic", "compilemessages", "diffsettings", "findstatic",
        "makemessages", "messages", "spectacular", "startapp", "startproject", "test",
    }
)  # fmt: skip
# They change the schema, or data that the product's own role may not touch.
NEED_OWNER = frozenset(
    {
        "bench", "dbshell", "flush", "makemigrations", "migrate", "optimizemigration",
        "prepare", "backup", "restore", "showmigrations", "sqlflush", "sqlmigrate",
        "squashmigrations",
    }
)  # fmt: skip
# After these the next `make run` looks at the database again.
CHANGE_THE_SCHEMA = frozenset({"flush", "migrate", "restore"})


@contextlib.contextmanager
def servers_for(arguments: Sequence[str]) -> Iterator[None]:
    """Hold servers for `manage.py ARGUMENTS` and put their addresses into the environment."""
    command = arguments[1] if len(arguments) > 1 else "help"
    places = Places.from_environment()
    os.environ.setdefault("OPSDESK_DATA_DIR", str(places.data))
    # A command may take as long as it takes.
    os.environ.setdefault("OPSDESK_STATEMENT_TIMEOUT_MS", "0")
    os.environ.setdefault("OPSDESK_LOCK_TIMEOUT_MS", "60000")
    if command in NEED_NO_SERVER or {"--help", "-h"} & set(arguments):
        yield
        return
    places.make()
    make_secret_key(places)
    if command in CHANGE_THE_SCHEMA and not {"--check", "--plan"} & set(arguments):
        places.prepared.unlink(missing_ok=True)
    with borrowed_or_own(places, f"manage.py {command}"):
        if command in NEED_OWNER and (owner := os.environ.get("DATABASE_OWNER_URL")):
            os.environ["DATABASE_URL"] = owner
        yield


@contextlib.contextmanager
def borrowed_or_own(places: Places, what: str) -> Iterator[None]:
    wanted = Wanted.from_environment()
    if not wanted.any:
        yield
        return
    holder = Lock(places.run / "servers.lock")
    users = Lock(places.run / "users.lock")
    told = False
    while True:
        if holder.take():
            break
        # Shared first, then look: a holder that stops takes its announcement back before it waits.
        users.take(shared=True, wait=True)
        if found := announced(places):
            merge(found.environment)
            try:
                yield
            finally:
                users.release()
            return
        users.release()
        if not told:
            told = True
            warn("Waiting for the servers of this data folder to start or stop …")
        time.sleep(0.1)
    servers = Servers(places, wanted)
    try:
        try:
            servers.start()
        except Trouble as trouble:
            warn(str(trouble))
            sys.exit(1)
        merge(servers.environment)
        announce(places, what, servers.environment)
        yield
    finally:
        withdraw(places)
        users.take(wait=True)
        servers.stop()
        users.release()
        holder.release()


def merge(environment: Mapping[str, str]) -> None:
    """Addresses of embedded servers, where the environment names none of its own."""
    for name, value in environment.items():
        if not os.environ.get(name):
            os.environ[name] = value
