"""Servers for tests: copied from a migrated template, quick and forgetful, gone afterwards."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from stack.console import Trouble
from stack.places import PROJECT, Places
from stack.postgres import DATABASE
from stack.servers import Servers, Wanted

# Says in the environment that a run's servers are there, so that nothing below it starts more.
HAVE_SERVERS = "OPSDESK_TEST_SERVERS"

BUILD = PROJECT / "build"
TEMPLATE = "test-template-"
KEPT_SECONDS = 24 * 3600


@contextlib.contextmanager
def servers_for_tests() -> Iterator[dict[str, str]]:
    """A PostgreSQL and a Valkey of their own; gives the environment that points to them.

    `DATABASE_URL` is the owner's, because tests create databases; `DATABASE_APP_URL` names the
    role the product runs as, for tests of what it is refused.
    """
    template = a_template()
    with a_folder() as folder:
        shutil.copytree(template, folder, dirs_exist_ok=True)
        with running(folder) as servers:
            # whitenoise wants its folder, though tests serve files from where they are written.
            (folder / "data" / "static").mkdir(parents=True)
            yield environment(servers, folder)


@contextlib.contextmanager
def a_folder() -> Iterator[Path]:
    """A data folder of its own, gone afterwards."""
    BUILD.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="test-servers-", dir=BUILD))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Servers]:
    places = Places(folder)
    places.make()
    servers = Servers(places, Wanted(postgres=True, valkey=True), for_tests=True)
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


def a_template() -> Path:
    """A data folder whose database is migrated: made when a migration or a package has changed."""
    template = BUILD / f"{TEMPLATE}{digest()}"
    if template.exists():
        return template
    with a_folder() as folder:
        with running(folder) as servers:
            migrate(environment(servers, folder))
        for passing in ("data", "log", "run"):
            shutil.rmtree(folder / passing, ignore_errors=True)
        for old in BUILD.glob(f"{TEMPLATE}*"):
            # A younger one may be of another run that is copying it just now.
            if time.time() - old.stat().st_mtime > KEPT_SECONDS:
                shutil.rmtree(old, ignore_errors=True)
        with contextlib.suppress(OSError):  # another run was quicker
            folder.rename(template)
    return template


def digest() -> str:
    """Over everything that a migrated database is made of."""
    found = [
        PROJECT / "requirements.lock",
        PROJECT / "requirements-embedded.lock",
        *(PROJECT / "stack").glob("*.py"),
        *PROJECT.glob("*/migrations/*.py"),
        PROJECT / "core" / "grants.py",
    ]
    sums = [f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in found]
    return hashlib.sha256("\n".join(sorted(sums)).encode()).hexdigest()[:16]


def migrate(told: dict[str, str]) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "tests.template"],
        cwd=PROJECT,
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise Trouble(f"The database of the tests cannot be migrated:\n\n{answer.stderr.strip()}")


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
        # Django makes its test databases as copies of this one.
        "OPSDESK_TEST_TEMPLATE": DATABASE,
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
