"""Passwords of mailboxes and robots: open to the house, not to a copy of its data."""

import datetime as dt
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from core.channels.addresses import keep_address, shown
from core.errors import BadInput
from core.events import fold, history, recorded_value
from core.models import ChatAddress
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


def test_the_address_of_a_chat_robot_is_sealed_and_still_written_to(
    cast: Cast, now: dt.datetime
) -> None:
    url = (
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=4e0c8f3a-1b2c-4d5e-8f90-a1b2c3d4e5f6"
    )
    row = keep_address("user", cast.liuyang.pk, "wecom", url, "", acting_user=cast.liuyang, now=now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT url FROM core_chataddress WHERE id = %s", [row.pk])
        (stored,) = cursor.fetchone()
    assert stored.startswith(MARK)
    assert "4e0c8f3a" not in stored
    kept = ChatAddress.objects.get(pk=row.pk)
    assert kept.url == url
    assert shown(kept).where.startswith("qyapi.weixin.qq.com")
    assert "4e0c8f3a" not in shown(kept).where
    # Its history is still the fold of its events, which hold a hash.
    assert fold(ChatAddress, history(kept.SUBJECT, kept.pk))["url"] == recorded_value(kept, "url")


def test_addresses_of_before_are_sealed_by_the_migration(cast: Cast, now: dt.datetime) -> None:
    url = "https://oapi.dingtalk.com/robot/send?access_token=" + "a" * 64
    row = keep_address(
        "user", cast.liuyang.pk, "dingtalk", url, "SEC" + "b" * 60, acting_user=None, now=now
    )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_chataddress SET url = %s, secret = 'SECplain'", [url])
    migration = import_module("core.migrations.0007_sealed_addresses")
    state = MigrationExecutor(connection).loader.project_state(("core", "0007_sealed_addresses"))
    for _again in range(2):
        migration.seal_what_is_plain(state.apps, None)
        with connection.cursor() as cursor:
            cursor.execute("SELECT url, secret FROM core_chataddress WHERE id = %s", [row.pk])
            stored = cursor.fetchone()
        assert all(value.startswith(MARK) for value in stored)
        kept = ChatAddress.objects.get(pk=row.pk)
        assert (kept.url, kept.secret) == (url, "SECplain")
