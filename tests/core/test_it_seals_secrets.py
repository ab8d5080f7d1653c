"""Passwords of mailboxes and robots: open to the house, not to a copy of its data."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from core.errors import BadInput
from core.sealing import MARK, seal, unseal
from opsdesk.demo.cast import Cast
from tests.tickets.mailing import mailbox_of
from tickets.actions import edit_mailbox
from tickets.models import Mailbox


def _stored(pk: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM tickets_mailbox WHERE id = %s", [pk])
        (found,) = cursor.fetchone()
    return str(found)


def test_a_password_is_sealed_in_the_database_and_open_to_the_house(
    cast: Cast, now: dt.datetime
) -> None:
    box = mailbox_of(cast, now, secret="Tür und Tor 密码")
    assert _stored(box.pk).startswith(MARK)
    assert "Tor" not in _stored(box.pk)
    assert Mailbox.objects.get(pk=box.pk).secret == "Tür und Tor 密码"
    before = _stored(box.pk)
    edit_mailbox(box, {"name": "Neu"}, acting_user=cast.admin, now=now)
    assert Mailbox.objects.get(pk=box.pk).secret == "Tür und Tor 密码"
    edit_mailbox(box, {"secret": "other"}, acting_user=cast.admin, now=now)
    assert Mailbox.objects.get(pk=box.pk).secret == "other"
    assert _stored(box.pk) != before


def test_what_was_stored_before_is_read_as_it_stands(cast: Cast, now: dt.datetime) -> None:
    box = mailbox_of(cast, now)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tickets_mailbox SET secret = 'plain' WHERE id = %s", [box.pk])
    assert Mailbox.objects.get(pk=box.pk).secret == "plain"


def test_the_longest_password_fits_and_a_longer_one_is_refused_by_name(
    cast: Cast, now: dt.datetime
) -> None:
    most = Mailbox._meta.get_field("secret").most
    box = mailbox_of(cast, now, secret="x" * most)
    assert len(_stored(box.pk)) <= 500
    with pytest.raises(BadInput) as refused:
        edit_mailbox(box, {"secret": "x" * (most + 1)}, acting_user=cast.admin, now=now)
    (problem,) = refused.value.problems
    assert (problem.field, problem.value) == ("secret", "")
    assert str(most) in problem.remedy
    assert Mailbox.objects.get(pk=box.pk).secret == "x" * most


def test_a_seal_opens_with_an_earlier_key_and_with_no_other(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    sealed = seal("secret")
    assert seal("secret") != sealed
    assert seal("") == ""
    first, settings.SECRET_KEY = settings.SECRET_KEY, "another key of this house"
    settings.SECRET_KEY_FALLBACKS = [first]
    assert unseal(sealed) == "secret"
    settings.SECRET_KEY_FALLBACKS = []
    assert unseal(sealed) == ""
    assert "sealed with another SECRET_KEY" in caplog.text
