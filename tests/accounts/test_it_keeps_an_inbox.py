"""In-app notices: worded when read, marked by POST, paged by key, seen by nobody else."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from core import registry
from core.models import Notice
from core.registry import NoticeText, register_notice
from opsdesk.demo.cast import Cast

ClientOf = Callable[[User], Client]
KIND = "tests.greeting"


class _Greeting:
    def text(self, notice: Notice) -> NoticeText:
        language = translation.get_language()
        return NoticeText(f"{language}: {notice.params['n']}", "", reverse("preferences"))

    def may_receive(self, user: Any, params: Any) -> bool:
        return True


@pytest.fixture(autouse=True)
def _greeting() -> Iterator[None]:
    register_notice(KIND, _Greeting())
    yield
    registry._notices.pop(KIND)


def _tell(user: User, now: dt.datetime, count: int) -> list[Notice]:
    return [
        Notice.objects.create(
            recipient=user, kind=KIND, params={"n": n}, key=f"{user.pk}:{n}", created_at=now
        )
        for n in range(count)
    ]


def test_notices_are_worded_in_the_language_of_the_reader(
    cast: Cast, client_of: ClientOf, now: dt.datetime
) -> None:
    _tell(cast.emma, now, 1)
    _tell(cast.wangke, now, 1)
    assert "en: 0" in client_of(cast.emma).get(reverse("inbox")).content.decode()
    assert "zh-hans: 0" in client_of(cast.wangke).get(reverse("inbox")).content.decode()


def test_looking_marks_nothing_and_opening_marks_read(
    cast: Cast, client_of: ClientOf, now: dt.datetime
) -> None:
    first, second = _tell(cast.emma, now, 2)
    client = client_of(cast.emma)
    client.get(reverse("inbox"))
    assert Notice.objects.filter(seen_at__isnull=True, read_at__isnull=True).count() == 2
    assert client.get(reverse("notice_open", args=[first.pk])).status_code == 405
    shown = client.post(reverse("inbox_seen"), {"notice": [first.pk, second.pk]})
    assert shown.status_code == 204
    assert Notice.objects.filter(seen_at__isnull=True).count() == 0
    assert Notice.objects.filter(read_at__isnull=True).count() == 2
    opened = client.post(reverse("notice_open", args=[first.pk]))
    assert opened.headers["Location"] == reverse("preferences")
    assert list(Notice.objects.filter(read_at__isnull=True)) == [second]
    assert client.post(reverse("inbox_read")).status_code == 302
    assert not Notice.objects.filter(read_at__isnull=True).exists()


def test_somebody_elses_notice_does_not_exist(
    cast: Cast, client_of: ClientOf, now: dt.datetime
) -> None:
    (notice,) = _tell(cast.emma, now, 1)
    client = client_of(cast.wangke)
    assert client.post(reverse("notice_open", args=[notice.pk])).status_code == 404
    client.post(reverse("inbox_seen"), {"notice": [notice.pk, "x", "9" * 30]})
    client.post(reverse("inbox_read"))
    notice.refresh_from_db()
    assert (notice.seen_at, notice.read_at) == (None, None)


def test_the_inbox_is_paged_by_key_at_the_same_cost(
    cast: Cast,
    client_of: ClientOf,
    now: dt.datetime,
    django_assert_num_queries: Callable[..., Any],
) -> None:
    client = client_of(cast.emma)
    _tell(cast.emma, now, 2)
    client.get(reverse("inbox"))
    with django_assert_num_queries(7) as few:
        client.get(reverse("inbox"))
    Notice.objects.all().delete()
    notices = _tell(cast.emma, now, 70)
    with django_assert_num_queries(len(few.captured_queries)):
        page = client.get(reverse("inbox"))
    seen = [row.notice.pk for row in page.context["notices"]]
    while older := page.context["older"]:
        page = client.get(reverse("inbox"), {"before": older})
        seen += [row.notice.pk for row in page.context["notices"]]
    assert seen == [notice.pk for notice in reversed(notices)]


def test_a_notice_nobody_can_word_any_more_costs_one_line(
    cast: Cast, client_of: ClientOf, now: dt.datetime
) -> None:
    _tell(cast.emma, now, 1)
    Notice.objects.create(recipient=cast.emma, kind="tests.gone", key="gone", created_at=now)
    page = client_of(cast.emma).get(reverse("inbox")).content.decode()
    assert "This notice can no longer be shown" in page
    assert "en: 0" in page


def test_an_empty_inbox_says_what_will_come(cast: Cast, client_of: ClientOf) -> None:
    assert "Nothing new for you" in client_of(cast.emma).get(reverse("inbox")).content.decode()


def _about(user: User, now: dt.datetime, subject_id: int, count: int) -> list[Notice]:
    return [
        Notice.objects.create(
            recipient=user, kind=KIND, params={"n": f"{subject_id}-{n}"}, subject="ticket",
            subject_id=subject_id, key=f"{subject_id}:{n}", created_at=now,
        )
        for n in range(count)
    ]  # fmt: skip


def test_what_is_told_of_one_thing_stands_together_and_is_read_together(
    cast: Cast, client_of: ClientOf, now: dt.datetime
) -> None:
    first = _about(cast.emma, now, 1, 3)
    _about(cast.emma, now, 2, 1)
    client = client_of(cast.emma)
    page = client.get(reverse("inbox"))
    assert [(b.key, b.count, b.unread) for b in page.context["notices"]] == [
        ("ticket-2", 1, 1), ("ticket-1", 3, 3),
    ]  # fmt: skip
    # Who opens the newest has read those before it; what came meanwhile stays unread.
    newest = first[-1]
    meanwhile = Notice.objects.create(
        recipient=cast.emma, kind=KIND, params={"n": "new"}, subject="ticket", subject_id=1,
        key="new", created_at=now,
    )  # fmt: skip
    client.post(reverse("notice_open", args=[newest.pk]))
    unread = Notice.objects.filter(read_at__isnull=True, subject_id=1)
    assert list(unread) == [meanwhile]


def test_the_inbox_narrows_and_puts_back_for_later(
    cast: Cast, client_of: ClientOf, now: dt.datetime
) -> None:
    (notice,) = _about(cast.emma, now, 1, 1)
    Notice.objects.create(
        recipient=cast.emma, kind="ticket.assigned", key="a", created_at=now, subject="ticket",
        params={"ref": "OPS-2", "title": "x"}, subject_id=2,
    )  # fmt: skip
    client = client_of(cast.emma)
    url = reverse("notice_open", args=[notice.pk])
    answer = client.post(url, {"stay": "read", "query": "show=unread&kind=x&before=9"})
    assert answer.headers["Location"] == f"{reverse('inbox')}?show=unread&kind=x"
    unread = client.get(reverse("inbox"), {"show": "unread"}).context["notices"]
    assert [bundle.key for bundle in unread] == ["ticket-2"]
    of_kind = client.get(reverse("inbox"), {"kind": "ticket-mine"}).context["notices"]
    assert [bundle.key for bundle in of_kind] == ["ticket-2"]
    assert client.get(reverse("inbox"), {"kind": "nonsense"}).status_code == 200
    client.post(url, {"stay": "unread"})
    assert Notice.objects.filter(read_at__isnull=True).count() == 2
