"""What is typed and not sent: kept a person, ticket and kind, restored, told when it is stale."""

import datetime as dt
import json
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.models import Event
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import submitted
from tickets.actions import add_comment, add_draft_file, claim_ticket, save_draft
from tickets.choices import CommentKind
from tickets.errors import BadInput, NotAllowed, StaleDraft
from tickets.models import Attachment, Comment, Draft, DraftFile, Ticket

ClientOf = Callable[..., Client]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def _at(name: str, ticket: Ticket) -> str:
    return reverse(name, args=[ticket.pk])


def _drafts(client: Client, page: str, ticket: Ticket) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads(
        client.get(_at(page, ticket)).context["drafts"]
    )
    return found


def test_it_is_there_again_on_any_device_and_after_any_act(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = submitted(cast, now)
    desk, phone = client_of(cast.linzhixia), client_of(cast.linzhixia)
    for kind, body in (("public", "请再试"), ("note", "像是权限 @陈璐")):
        answer = desk.post(_at("ticket_draft", ticket), {"kind": kind, "body": body})
        assert answer.json() == {"revision": 1}
    claim_ticket(ticket, acting_user=cast.zhoumin, now=now)
    there = _drafts(phone, "ticket", ticket)
    assert (there["public"]["body"], there["note"]["body"]) == ("请再试", "像是权限 @陈璐")
    assert "请再试" in phone.get(_at("ticket", ticket)).content.decode()
    # Nobody else sees it, and it is no event.
    assert _drafts(client_of(cast.zhoumin), "ticket", ticket) == {}
    assert not Event.objects.filter(subject_id=ticket.pk, verb__contains="draft").exists()
    # Sent, its kind is gone; the other stays.
    desk.post(_at("ticket_reply", ticket), {"body": "请再试"})
    assert set(_drafts(phone, "ticket", ticket)) == {"note"}
    assert Comment.objects.get(ticket=ticket).body == "请再试"


def test_a_requester_has_drafts_of_replies_and_none_of_notes(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = submitted(cast, now)
    client = client_of(cast.wangke)
    client.post(_at("ticket_draft", ticket), {"kind": "public", "body": "补充：只有新建的"})
    assert _drafts(client, "my_ticket", ticket)["public"]["body"] == "补充：只有新建的"
    refused = client.post(_at("ticket_draft", ticket), {"kind": "note", "body": "x"})
    assert refused.status_code == 403
    assert (
        client_of(cast.liuyang).post(_at("ticket_draft", ticket), {"body": "x"}).status_code == 404
    )
    signed_out = Client().post(_at("ticket_draft", ticket), {"body": "x"})
    assert signed_out.status_code == 302
    assert [draft.body for draft in Draft.objects.all()] == ["补充：只有新建的"]


def test_the_newer_window_wins_and_the_older_is_told(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = submitted(cast, now)
    client = client_of(cast.linzhixia)
    save = _at("ticket_draft", ticket)
    assert client.post(save, {"body": "一", "revision": 0}).json()["revision"] == 1
    assert client.post(save, {"body": "一二", "revision": 1}).json()["revision"] == 2
    stale = client.post(save, {"body": "一三", "revision": 1})
    assert stale.status_code == 409
    assert (stale.json()["body"], stale.json()["revision"]) == ("一二", 2)
    assert Draft.objects.get().body == "一二"
    # "Keep this text" names the revision it was shown.
    assert client.post(save, {"body": "一三", "revision": 2}).json()["revision"] == 3
    # Sent in the one window, the other is told as well, and does not bring it back.
    client.post(_at("ticket_reply", ticket), {"body": "一三"})
    gone = client.post(save, {"body": "一三四", "revision": 3})
    assert (gone.status_code, gone.json()["revision"]) == (409, 0)
    assert client.post(save, {"body": "一三", "revision": 0}).json() == {"revision": 0}
    assert not Draft.objects.exists()


def test_files_wait_with_it_and_go_with_it(
    cast: Cast, now: dt.datetime, client_of: ClientOf, settings: object
) -> None:
    ticket = submitted(cast, now)
    client = client_of(cast.linzhixia)
    kept = [
        client.post(_at("ticket_draft_file", ticket), {"file": SimpleUploadedFile(name, PNG)})
        for name in ("一.png", "二.png")
    ]
    first, second = (answer.json()["file"] for answer in kept)
    picture = client.get(first["url"])
    assert (picture["Content-Type"], b"".join(picture)) == ("image/png", PNG)
    assert "sandbox" in picture["Content-Security-Policy"]
    other = client_of(cast.zhoumin)
    assert other.get(first["url"]).status_code == 404
    assert other.post(first["remove"]).status_code == 404
    assert client.post(second["remove"]).status_code == 204
    client.post(_at("ticket_reply", ticket), {"body": "见截图"})
    assert [file.name for file in Attachment.objects.all()] == ["一.png"]
    assert Attachment.objects.get().comment == Comment.objects.get()
    assert not DraftFile.objects.exists()


def test_what_is_refused_says_what_is_accepted(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = submitted(cast, now)
    client = client_of(cast.linzhixia)
    program = SimpleUploadedFile("a.png", b"MZ\x90\0")
    refused = client.post(_at("ticket_draft_file", ticket), {"file": program})
    assert refused.status_code == 422
    assert "a.png" in refused.json()["problems"][0]
    assert client.post(_at("ticket_draft_file", ticket), {}).status_code == 422
    long = client.post(_at("ticket_draft", ticket), {"body": "字" * 20_001})
    assert long.status_code == 422
    assert "20000" in long.json()["problems"][0].replace(",", "")
    assert client.post(_at("ticket_draft", ticket), {"kind": "poem"}).status_code == 422
    assert not Draft.objects.exists()


def test_a_reply_that_is_refused_leaves_its_draft(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = submitted(cast, now)
    save_draft(ticket, "请再试", kind="public", revision=0, acting_user=cast.linzhixia, now=now)
    add_comment(ticket, "自己好了", acting_user=cast.wangke, now=now)
    held = client_of(cast.linzhixia).post(
        _at("ticket_reply", ticket), {"body": "请再试", "seen_comment": 0}
    )
    assert held.status_code == 422
    assert Draft.objects.get().body == "请再试"


def test_the_action_guards_itself(cast: Cast, now: dt.datetime) -> None:
    ticket = submitted(cast, now)
    said = {"acting_user": cast.wangke, "now": now}
    with pytest.raises(NotAllowed):
        save_draft(ticket, "x", kind=CommentKind.NOTE, revision=0, **said)  # type: ignore[arg-type]
    draft = save_draft(ticket, "x", kind="public", revision=0, **said)  # type: ignore[arg-type]
    assert draft is not None
    with pytest.raises(StaleDraft):
        save_draft(ticket, "y", kind="public", revision=0, **said)  # type: ignore[arg-type]
    for number in range(10):
        add_draft_file(
            ticket, SimpleUploadedFile(f"{number}.txt", b"a"), kind="public",
            acting_user=cast.wangke, now=now,
        )  # fmt: skip
    with pytest.raises(BadInput):
        add_draft_file(
            ticket, SimpleUploadedFile("11.txt", b"a"), kind="public", acting_user=cast.wangke,
            now=now,
        )  # fmt: skip
    # Emptied, a draft without files is gone; with files it stays.
    save_draft(ticket, "", kind="public", revision=1, **said)  # type: ignore[arg-type]
    assert Draft.objects.get().files.count() == 10
