"""Servers for tests: made fresh, quick and forgetful, gone afterwards."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from stack.places import PROJECT, Places
from stack.servers import Servers, Wanted

# Says in the environment that a run's servers are there, so that nothing below it starts more.
HAVE_SERVERS = "OPSDESK_TEST_SERVERS"


@contextlib.contextmanager
def servers_for_tests() -> Iterator[dict[str, str]]:
    """A PostgreSQL and a Valkey of their own; gives the environment that points to them.

    `DATABASE_URL` is the owner's, because tests create databases; `DATABASE_APP_URL` names the
    role the product runs as, for tests of what it is refused.
    """
    build = PROJECT / "build"
    build.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="test-servers-", dir=build))
    places = Places(folder)
    places.make()
    # whitenoise wants its folder, though tests serve files from where they are written.
    (folder / "data" / "static").mkdir(parents=True)
    servers = Servers(places, Wanted(postgres=True, valkey=True), for_tests=True)
    try:
        servers.start()
        yield environment(servers, folder)
    finally:
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


def environment(servers: Servers, folder: Path) -> dict[str, str]:
    given = servers.environment
    # Nothing is collected for tests, but whitenoise warns of a folder that is not there.
    (folder / "data" / "static").mkdir(parents=True, exist_ok=True)
    return {
        **given,
        "DATABASE_URL": given["DATABASE_OWNER_URL"],
        "DATABASE_APP_URL": given["DATABASE_URL"],
        "DJANGO_SETTINGS_MODULE": "opsdesk.settings",
        "OPSDESK_DATA_DIR": str(folder / "data"),
        "OPSDESK_HOSTS": "testserver,127.0.0.1,localhost",
        "OPSDESK_HTTPS": "0",
        "OPSDESK_PLAIN_STATIC": "1",
        "OPSDESK_SECRET_KEY": "only-for-tests-" + "x" * 40,
        HAVE_SERVERS: "1",
    }


def without_servers() -> dict[str, str]:
    """This environment less everything a test run has set: for tests that start whole stacks."""
    told = {"DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_APP_URL", "REDIS_URL"}
    return {
        name: value
        for name, value in os.environ.items()
        if name not in told
        and not name.startswith(("OPSDESK_", "PYTEST_", "DJANGO_", "COV_"))
        and name != "PORT"
    }
