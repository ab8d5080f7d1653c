"""The world of the guards: built once per file, each test's own writes undone."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from core import printing
from tests.guards.world import World, build_world, clock, undone


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """One transaction for a whole file, where pytest-django opens one for each test."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def _built_world(db: None) -> World:
    with clock():
        return build_world()


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The guards are refused a thousand times on purpose; what matters they say themselves."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True)
def _no_typesetting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who gets a paper is asked here hundreds of times; how it is set, in the tests of papers."""
    monkeypatch.setattr(printing, "pdf", lambda template, data, files=None: b"%PDF-")


@pytest.fixture
def world(_built_world: World) -> Iterator[World]:
    """The company with work in every state; the clock stands, and nothing a test writes stays."""
    with undone(), clock():
        yield _built_world
    _built_world.cookies = {}
