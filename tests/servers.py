"""Gives a pytest run its own PostgreSQL, Valkey and translations, before Django starts.

Loaded by `-p tests.servers` (pyproject.toml). Under `make test` the servers are there already;
a plain `python -m pytest` starts its own; xdist's workers use those of their parent, each with
a Redis database of its own number.
"""

import os
from collections.abc import Generator
from contextlib import ExitStack
from urllib.parse import urlsplit, urlunsplit

import pytest

from stack.testing import HAVE_SERVERS, servers_for_tests


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    if not os.environ.get(HAVE_SERVERS):
        stack = ExitStack()
        os.environ.update(stack.enter_context(servers_for_tests()))
        early_config.add_cleanup(stack.close)
    if not os.environ.get("PYTEST_XDIST_WORKER"):
        compile_translations()
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        number = int(worker.removeprefix("gw")) + 1
        parts = urlsplit(os.environ["REDIS_URL"])
        os.environ["REDIS_URL"] = urlunsplit(parts._replace(path=f"/{number}"))
    return (yield)


def compile_translations() -> None:
    """A clean clone holds no compiled catalogue, and tests read pages in both languages."""
    # Only now: it reads Django's settings, and those read the environment made above.
    from opsdesk.catalogues import AREAS, compile_catalogue

    for area in AREAS:
        compile_catalogue(area)
