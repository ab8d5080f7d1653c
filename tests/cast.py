"""The fixed cast of every test: the people of the demo company and a Monday morning."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker

from accounts.models import User
from opsdesk.demo.cast import Cast, build_cast

NOW = dt.datetime(2026, 11, 16, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def now() -> dt.datetime:
    """Monday 2026-11-16, 10:00 in Shanghai: a working day in working hours."""
    return NOW


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The cast moves in once per run; a test that empties the tables has it built again."""
    with django_db_blocker.unblock():
        build_cast(NOW - dt.timedelta(days=7))


@pytest.fixture
def cast(db: None, now: dt.datetime) -> Cast:
    """The demo company, moved in a week ago."""
    return build_cast(now - dt.timedelta(days=7))


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """`client_of(cast.linzhixia)`: a test client signed in as that person."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="accounts.backends.PeopleBackend")
        return client

    return sign_in
