"""My ticket: plain words, public conversation only, confirm, reopen, withdraw, files."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from opsdesk.demo.cast import Cast
from tests.tickets.ladder import answered, submitted
from tickets.actions import add_comment, ask_requester, resolve_ticket
from tickets.choices import CommentKind, Resolution, Status
from tickets.models import Attachment, Ticket

ClientOf = Callable[..., Client]


@pytest.fixture
def resolved(cast: Cast) -> Ticket:
    """Not long ago: what one may do about it is asked of the real clock, for thirty days."""
    now = timezone.now() - dt.timedelta(hours=2)
    ticket = answered(cast, now)
    return resolve_ticket(ticket, Resolution.ANSWERED, acting_user=cast.linzhixia, now=now)


def _own(ticket: Ticket, verb: str = "") -> str:
    return reverse(f"my_ticket_{verb}" if verb else "my_ticket", args=[ticket.pk])


def test_notes_never_reach_the_requester(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    ticket = submitted(cast, now)
    add_comment(ticket, "公开的话", acting_user=cast.linzhixia, now=now)
    add_comment(ticket, "内部的话", kind=CommentKind.NOTE, acting_user=cast.linzhixia, now=now)
    own = client_of(cast.wangke).get(_own(ticket)).content.decode()
    staff = client_of(cast.linzhixia).get(reverse("ticket", args=[ticket.pk])).content.decode()
    as_requester = client_of(cast.linzhixia).get(_own(ticket)).content.decode()
    assert "公开的话" in own
    assert "内部的话" not in own
    assert "内部的话" in staff
    assert "内部的话" not in as_requester


def test_a_foreign_ticket_is_not_there(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    ticket = submitted(cast, now)
    for verb in ("", "reply", "confirm", "withdraw"):
        assert client_of(cast.zhaoyi).get(_own(ticket, verb)).status_code == 404, verb
        assert client_of(cast.wangke).get(_own(ticket)).status_code == 200


def test_an_answer_takes_a_waiting_ticket_up_again(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = submitted(cast, now)
    ask_requester(ticket, "是哪位主管？", acting_user=cast.linzhixia, now=now)
    client = client_of(cast.wangke)
    assert "是哪位主管？" in client.get(_own(ticket)).content.decode()
    refused = client.post(_own(ticket, "reply"), {"body": "  "})
    assert refused.status_code == 422
    ticket.refresh_from_db()
    assert ticket.status == Status.PENDING
    client.post(_own(ticket, "reply"), {"body": "是王珂"})
    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN


def test_it_works_closes_the_ticket(cast: Cast, resolved: Ticket, client_of: ClientOf) -> None:
    answer = client_of(cast.wangke).post(_own(resolved, "confirm"), {"version": resolved.version})
    resolved.refresh_from_db()
    assert answer["Location"] == _own(resolved)
    assert resolved.status == Status.CLOSED
    assert not resolved.auto_confirmed


def test_it_does_not_work_needs_a_reason(cast: Cast, resolved: Ticket, client_of: ClientOf) -> None:
    client = client_of(cast.wangke)
    refused = client.post(_own(resolved, "reopen"), {"reason": ""})
    assert refused.status_code == 422
    assert "reason" in refused.context["form"].errors
    resolved.refresh_from_db()
    assert resolved.status == Status.RESOLVED
    client.post(_own(resolved, "reopen"), {"reason": "列表仍然是空的"})
    resolved.refresh_from_db()
    assert (resolved.status, resolved.reopened_times) == (Status.OPEN, 1)
    assert "列表仍然是空的" in client.get(_own(resolved)).content.decode()


def test_withdrawing_can_be_undone(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    ticket = submitted(cast, now)
    client = client_of(cast.wangke)
    page = client.post(_own(ticket, "withdraw"), {"reason": ""}, follow=True)
    ticket.refresh_from_db()
    assert ticket.status == Status.CANCELLED
    undo = reverse("my_ticket_undo", args=[ticket.pk, ticket.version])
    assert undo in page.content.decode()
    client.post(undo)
    ticket.refresh_from_db()
    assert ticket.status == Status.NEW


def test_undo_never_leads_elsewhere(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    ticket = submitted(cast, now)
    client = client_of(cast.wangke)
    client.post(_own(ticket, "withdraw"), {"reason": ""})
    ticket.refresh_from_db()
    undo = reverse("my_ticket_undo", args=[ticket.pk, ticket.version])
    answer = client.post(undo, {"next": "https://evil.example/"})
    assert answer["Location"] == _own(ticket)


def test_the_word_for_where_it_stands_is_the_requesters(
    cast: Cast, resolved: Ticket, client_of: ClientOf
) -> None:
    page = client_of(cast.wangke).get(_own(resolved)).content.decode()
    assert "待您确认" in page
    assert "独立解决" not in page
    assert "L2" not in page
    cast.wangke.language = "en"
    cast.wangke.save()
    assert "Please confirm" in client_of(cast.wangke).get(_own(resolved)).content.decode()


def test_files_are_served_only_to_who_sees_the_ticket(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = submitted(cast, now)
    files = [
        SimpleUploadedFile("page.xml", b"<svg onload=alert(1)>"),
        SimpleUploadedFile("shot.png", b"\x89PNG\r\n\x1a\n"),
    ]
    add_comment(
        ticket, "见附件", kind=CommentKind.PUBLIC, files=files, acting_user=cast.wangke, now=now
    )
    note = SimpleUploadedFile("secret.txt", b"internal")
    add_comment(
        ticket, "内部", kind=CommentKind.NOTE, files=[note], acting_user=cast.linzhixia, now=now
    )
    found = {
        row.name: reverse("attachment", args=[row.pk, row.name]) for row in Attachment.objects.all()
    }
    own, staff = client_of(cast.wangke), client_of(cast.linzhixia)
    download = own.get(found["page.xml"])
    assert b"".join(download) == b"<svg onload=alert(1)>"
    assert download["Content-Disposition"].startswith("attachment")
    assert download["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in download["Content-Security-Policy"]
    picture = own.get(found["shot.png"])
    assert b"".join(picture) == b"\x89PNG\r\n\x1a\n"
    assert picture["Content-Disposition"].startswith("inline")
    assert own.get(found["secret.txt"]).status_code == 403
    assert b"".join(staff.get(found["secret.txt"])) == b"internal"
    assert client_of(cast.zhaoyi).get(found["shot.png"]).status_code == 404
