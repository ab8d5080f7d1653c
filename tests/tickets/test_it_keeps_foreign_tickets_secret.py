"""A requester of another department cannot learn that a foreign ticket exists, on no way in.

Every way is walked twice: with the number of the foreign ticket, and with a number that no ticket
has. Both must answer alike; and once by who may see it, so that a refusal cannot pass for the
wrong reason.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from catalog.actions import grant_role
from catalog.choices import PermissionRole
from core import live
from core.channels.references import signed
from core.models import Notice, OutboxRow
from core.registry import notice_kind, open_questions
from core.searchkey import search_key
from opsdesk.demo.cast import Cast
from tests.guards.places import routes
from tests.tickets.ladder import answered
from tests.tickets.letters import letter
from tickets.actions import TicketDraft, add_comment, resolve_ticket, submit_ticket
from tickets.choices import CommentKind, Resolution
from tickets.incoming.mail.letter import read_letter
from tickets.incoming.mail.threads import answered_by
from tickets.models import Attachment, Mailbox, Ticket
from tickets.notifications import KINDS, TicketNotice

ClientOf = Callable[..., Client]
pytestmark = pytest.mark.django_db
#: A word that stands in the foreign ticket and nowhere else.
SECRET = "鸢尾花园项目"
#: No ticket and no file has a number so much higher.
FAR = 900_000
#: Routes of one ticket, by the beginning of their pattern.
OF_TICKETS = ("my/<int:pk>/", "desk/<int:pk>/", "conversation/<int:pk>/", "api/v1/tickets/<int:pk>")
#: Whatever takes words, and the parameter it takes them by.
ASKED = {
    "search": "q", "my_tickets": "q", "submit_suggestions": "description", "api_tickets": "q",
    "api_my_tickets": "q", "help_home": "q", "people_options": "people",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A foreign ticket with a file."""

    ticket: Ticket
    file: Attachment


@pytest.fixture
def case(cast: Cast, now: dt.datetime) -> Case:
    ticket = answered(cast, now)
    picture = SimpleUploadedFile("secret.png", b"\x89PNG\r\n\x1a\n")
    add_comment(
        ticket, f"{SECRET}的截图", kind=CommentKind.PUBLIC, files=[picture],
        acting_user=cast.wangke, now=now,
    )  # fmt: skip
    Ticket.objects.filter(pk=ticket.pk).update(
        title=SECRET, search_key=search_key(ticket.ref, SECRET)
    )
    ticket = resolve_ticket(
        Ticket.objects.get(pk=ticket.pk), Resolution.ANSWERED, acting_user=cast.linzhixia, now=now
    )
    return Case(ticket, Attachment.objects.get())


def _alike(response: Any, number: int) -> tuple[int, str]:
    """Status and what is read, without the number (or the missing one) and one-time tokens."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = re.sub(r'csrfmiddlewaretoken[^>]*|form_key[^>]*|nonce="[^"]*"', "", body.decode())
    text = text.replace(str(number + FAR), "N")
    return response.status_code, re.sub(rf"(?<!\d){number}(?!\d)", "N", text)


def _ticket_addresses(pk: int) -> list[tuple[str, str]]:
    """(name, address) of every route that takes a ticket's number."""
    found, rest = [], {"version": 1, "macro": 1}
    for route in routes():
        if not route.pattern.startswith(OF_TICKETS):
            continue
        wanted = set(re.findall(r"<int:(\w+)>", route.pattern)) - {"pk"}
        args = {"pk": pk, **{name: rest[name] for name in wanted}}
        found.append((route.name, reverse(route.name, kwargs=args)))
    return found


def test_no_address_tells_it_from_a_missing_one(
    cast: Cast, case: Case, client_of: ClientOf
) -> None:
    client = client_of(cast.zhaoyi)
    foreign = _ticket_addresses(case.ticket.pk)
    missing = _ticket_addresses(case.ticket.pk + FAR)
    assert len(foreign) > 80
    for (name, there), (_name, nowhere) in zip(foreign, missing, strict=True):
        one = client.post(there, HTTP_IF_MATCH='"1"')
        other = client.post(nowhere, HTTP_IF_MATCH='"1"')
        if one.status_code == 405:
            assert other.status_code == 405, name
            one, other = client.get(there), client.get(nowhere)
        assert _alike(one, case.ticket.pk) == _alike(other, case.ticket.pk), name
        assert one.status_code in (404, 405), (name, one.status_code)
    own = reverse("my_ticket", args=[case.ticket.pk])
    assert client_of(cast.wangke).get(own).status_code == 200


def test_it_takes_the_same_work_and_the_same_time(
    cast: Cast, case: Case, client_of: ClientOf
) -> None:
    client = client_of(cast.zhaoyi)
    there = reverse("my_ticket", args=[case.ticket.pk])
    nowhere = reverse("my_ticket", args=[case.ticket.pk + FAR])
    asked = []
    for address in (there, nowhere):
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        asked.append([re.sub(r"\d+", "N", query["sql"]) for query in queries])
    assert asked[0] == asked[1]
    took: dict[str, list[float]] = {there: [], nowhere: []}
    for _round in range(25):
        for address, times in took.items():
            began = time.perf_counter()
            client.get(address)
            times.append(time.perf_counter() - began)
    # The same queries in the same order. What a machine under load adds, the quickest are without.
    ratio = min(took[there]) / min(took[nowhere])
    assert 0.6 < ratio < 1.6, ratio


def test_files_are_as_if_they_were_not_there(cast: Cast, case: Case, client_of: ClientOf) -> None:
    client = client_of(cast.zhaoyi)
    for name, args in (("attachment", ["secret.png"]), ("api_attachment", [])):
        there = client.get(reverse(name, args=[case.file.pk, *args]))
        nowhere = client.get(reverse(name, args=[case.file.pk + FAR, *args]))
        assert _alike(there, case.file.pk) == _alike(nowhere, case.file.pk), name
        assert there.status_code == 404
    own = client_of(cast.wangke).get(reverse("attachment", args=[case.file.pk, "secret.png"]))
    assert b"".join(own) == b"\x89PNG\r\n\x1a\n"


def test_no_search_and_no_suggestion_finds_it(cast: Cast, case: Case, client_of: ClientOf) -> None:
    client, own = client_of(cast.zhaoyi), client_of(cast.wangke)
    for name, parameter in ASKED.items():
        for words in (SECRET, case.ticket.ref):
            answer = client.get(reverse(name), {parameter: words, "part": "found"})
            shown = answer.content.decode()
            assert SECRET not in strip_tags(shown).replace(words, ""), (name, words)
            assert f"/my/{case.ticket.pk}/" not in shown
            assert f"/desk/{case.ticket.pk}/" not in shown
    for name in ("search", "my_tickets", "api_tickets", "api_my_tickets"):
        assert SECRET in own.get(reverse(name), {"q": SECRET[:4]}).content.decode(), name


def test_no_list_of_theirs_and_no_question_names_it(
    cast: Cast, case: Case, now: dt.datetime, client_of: ClientOf
) -> None:
    assert open_questions(cast.zhaoyi, now) == []
    assert [q.ref for q in open_questions(cast.wangke, now)] == [case.ticket.ref]
    client = client_of(cast.zhaoyi)
    for show in ("open", "ended", "observed", "all"):
        assert SECRET not in client.get(reverse("my_tickets"), {"show": show}).content.decode()
        assert not client.get(reverse("api_my_tickets"), {"show": show}).json()["results"]
    assert not client.get(reverse("api_my_questions")).json()["results"]


def test_no_notice_reaches_them_and_none_may(cast: Cast, case: Case) -> None:
    told = OutboxRow.objects.filter(payload__subject="ticket", payload__subject_id=case.ticket.pk)
    people = {row.payload.get("recipient") or row.payload.get("to") for row in told}
    assert cast.wangke.pk in people
    assert cast.zhaoyi.pk not in people
    # One that was written before they lost sight of it is not shown any more.
    params = {"ref": case.ticket.ref, "title": SECRET, "in_note": False}
    kinds = [kind for kind, known in KINDS.items() if isinstance(known, TicketNotice)]
    assert len(kinds) > 10
    for kind in kinds:
        assert not notice_kind(kind).may_receive(cast.zhaoyi, params), kind
        assert notice_kind(kind).may_receive(cast.linzhixia, params), kind
    assert not Notice.objects.filter(recipient=cast.zhaoyi).exists()


def test_an_open_page_hears_nothing_of_it(cast: Cast, case: Case, client_of: ClientOf) -> None:
    """The keys of a page are signed for one session: another's, or one made up, hears nothing."""
    own, other = client_of(cast.wangke), client_of(cast.zhaoyi)
    page = own.get(reverse("my_ticket", args=[case.ticket.pk])).content.decode()
    found = re.search(r'data-pass="([^"]+)"', page)
    assert found is not None
    stolen = found[1]
    assert own.get("/live/", HTTP_X_LIVE=f"{stolen} 0").status_code in (200, 304)
    answers = {
        other.get("/live/", HTTP_X_LIVE=f"{text} 0").status_code
        for text in (stolen, stolen[:-4] + "AAAA", f"ticket:{case.ticket.pk}")
    }
    assert answers == {403}
    sessions = [client.cookies[settings.SESSION_COOKIE_NAME].value for client in (own, other)]
    assert [live.read_pass(stolen, session) is None for session in sessions] == [False, True]


def test_a_mail_that_names_it_begins_a_ticket_of_ones_own(cast: Cast, case: Case) -> None:
    mailbox = Mailbox(product=cast.products["crm"])
    for number in (case.ticket.pk, case.ticket.pk + FAR):
        mail = read_letter(letter("请转告", sender=cast.zhaoyi.email, subject=f"Re: OPS-{number}"))
        assert answered_by(mail, mailbox, cast.zhaoyi) is None
        mine = answered_by(mail, mailbox, cast.wangke)
        assert (mine is not None and mine.is_theirs) == (number == case.ticket.pk)
    # A reference that somebody passed on opens nothing either.
    passed_on = f"In-Reply-To: <x.{signed(f'ticket-{case.ticket.pk}')}@desk.example>"
    mail = read_letter(letter("请转告", sender=cast.zhaoyi.email, more=passed_on))
    known = answered_by(mail, mailbox, cast.zhaoyi)
    assert known is None or not known.is_theirs
    seen = answered_by(mail, mailbox, cast.wangke)
    assert seen is not None
    assert seen.is_theirs


@pytest.mark.parametrize(("verb", "field"), [("merge", "into"), ("link", "other")])
def test_staff_of_another_product_cannot_feel_for_it(
    cast: Cast, case: Case, now: dt.datetime, client_of: ClientOf, verb: str, field: str
) -> None:
    """An agent of ERP names a ticket of CRM: refused in the words for one that does not exist."""
    grant_role(
        cast.zhaoyi, PermissionRole.AGENT, product=cast.products["erp"],
        acting_user=cast.admin, now=now,
    )  # fmt: skip
    draft = TicketDraft(product=cast.products["erp"], description="发票验真失败")
    own = submit_ticket(draft, acting_user=cast.liuyang, now=now)
    client = client_of(cast.zhaoyi)
    address = reverse(f"ticket_{verb}", args=[own.pk])
    sent = {"kind": "related", "version": own.version}
    one = client.post(address, {**sent, field: case.ticket.ref})
    other = client.post(address, {**sent, field: f"OPS-{case.ticket.pk + FAR}"})
    assert one.status_code == 422
    assert _alike(one, case.ticket.pk) == _alike(other, case.ticket.pk)
    api = reverse(f"api_ticket_{verb}", args=[own.pk])
    one, other = (
        client.post(
            api, {**({"kind": "related"} if verb == "link" else {}), field: number},
            content_type="application/json", HTTP_IF_MATCH=f'"{own.version}"',
        )
        for number in (case.ticket.pk, case.ticket.pk + FAR)
    )  # fmt: skip
    assert one.status_code in (400, 404, 409, 422)
    assert _alike(one, case.ticket.pk) == _alike(other, case.ticket.pk)


def test_nobody_adds_themselves_as_an_observer(cast: Cast, case: Case, client_of: ClientOf) -> None:
    client = client_of(cast.zhaoyi)
    for name in ("my_ticket_watch", "ticket_follow", "ticket_watch", "api_ticket_watch"):
        answer = client.post(reverse(name, args=[case.ticket.pk]), {"user_name": "zhaoyi"})
        assert answer.status_code == 404, name
    assert not case.ticket.watchers.exists()
    added = client_of(cast.wangke).post(
        reverse("my_ticket_watch", args=[case.ticket.pk]), {"user_name": "zhaoyi"}
    )
    assert added.status_code == 302
    assert client.get(reverse("my_ticket", args=[case.ticket.pk])).status_code == 200
