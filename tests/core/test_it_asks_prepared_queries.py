"""Prepared queries: the text is kept, the values and the rows never are."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from django.db.models import QuerySet
from django.db.transaction import TransactionManagementError
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from core.prepared import Prepared
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import submitted
from tickets.models import Ticket
from tickets.search.filters import Asking
from tickets.search.listing import Listing
from tickets.search.pages import page_of
from tickets.search.queue_pages import page_of_queue
from tickets.search.queues import QUEUES

pytestmark = pytest.mark.django_db


@Prepared
def _sent(confidential: bool, people: tuple[int, ...], since: dt.datetime) -> QuerySet[Ticket]:
    found = Ticket.objects.filter(requester__in=people, submitted_at__gte=since)
    return found.filter(confidential=confidential).select_related("requester").order_by("pk")


def test_each_use_has_its_own_values_and_reads_anew(
    cast: Cast, now: dt.datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first, second = submitted(cast, now), submitted(cast, now + dt.timedelta(hours=1))
    asker, other = (first.requester_id,), (first.requester_id, cast.zhoumin.pk)
    with django_assert_num_queries(4):
        assert _sent(False, people=asker, since=now) == [first, second]
        assert _sent(False, people=other, since=second.submitted_at) == [second]
        assert _sent(True, people=asker, since=now) == []
        assert _sent(False, people=(cast.zhoumin.pk,), since=now) == []
    assert _sent(False, people=(), since=now) == []
    Ticket.objects.filter(pk=first.pk).update(title="改名")
    assert [one.title for one in _sent(False, people=asker, since=now)] == ["改名", second.title]


def test_what_follows_from_a_value_is_refused(cast: Cast, now: dt.datetime) -> None:
    turned = Prepared(lambda since: Ticket.objects.filter(submitted_at__date=since.date()))
    larger = Prepared(lambda pk: User.objects.filter(pk=pk + 1))
    for asked in (lambda: turned(since=now), lambda: larger(pk=1)):
        with pytest.raises(ValueError, match="follow"):
            asked()
    nothing: Any = None
    with pytest.raises(TypeError):
        _sent(False, people=nothing, since=now)


def test_a_number_too_large_finds_nothing(cast: Cast) -> None:
    assert Prepared(lambda pk: Ticket.objects.filter(pk=pk))(pk=2**70) == []


@pytest.mark.django_db(transaction=True)
def test_a_lock_wants_a_transaction(cast: Cast) -> None:
    locked = Prepared(lambda pk: User.objects.select_for_update().filter(pk=pk))
    with transaction.atomic():
        assert locked(pk=cast.emma.pk) == [cast.emma]
    with pytest.raises(TransactionManagementError):
        locked(pk=cast.emma.pk)


def test_a_prepared_queue_lists_what_the_queue_lists_for_each_reader(
    cast: Cast, now: dt.datetime
) -> None:
    for number in range(4):
        submitted(cast, now + dt.timedelta(minutes=number), f"客户导出报错 E{number}")
    for user in (cast.linzhixia, cast.zhoumin, cast.gaoyuan, cast.hesiyuan):
        for queue in QUEUES:
            read = Listing(queue=queue).read(Asking(user, now))
            wanted = read.wanted()
            rows = read.rows_of(read.tickets()).with_draft_mark(user)
            for _again in range(2):
                assert page_of_queue(read, wanted) == page_of(rows, wanted), (user, queue)
