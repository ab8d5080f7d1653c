"""What a person may not see is not there: same answer, same body, as for what does not exist."""

from __future__ import annotations

import datetime as dt

import pytest

from opsdesk.demo.cast import Cast
from tests.api.calling import Api
from tests.tickets import ladder
from tickets.actions import add_comment, edit_ticket
from tickets.api.causes import CAUSE_VERBS
from tickets.api.verbs import VERBS
from tickets.choices import CommentKind

NOWHERE = 987_654_321
INTERNAL = "内部：这是权限配置漏洞"


@pytest.mark.parametrize("who", ["emma", "zhaoyi", "xucheng", "admin"])
def test_a_foreign_ticket_is_not_there(cast: Cast, now: dt.datetime, who: str) -> None:
    ticket = ladder.pushed(cast, now)
    assert ticket.cause is not None
    stranger = Api(getattr(cast, who))
    for noun, row, verbs in (
        ("tickets", ticket, [verb.name for verb in VERBS]),
        ("causes", ticket.cause, [verb.name for verb in CAUSE_VERBS]),
    ):
        paths = ["", *(["/comments"] if noun == "tickets" else [])]
        for tail in paths:
            there = stranger.get(f"/{noun}/{row.pk}{tail}")
            nowhere = stranger.get(f"/{noun}/{NOWHERE}{tail}")
            assert there.status_code == nowhere.status_code == 404
            assert there.content == nowhere.content
        for verb in [*verbs, *(["comments"] if noun == "tickets" else [])]:
            for body, seen in (({}, None), ({"reason": "x", "body": "x"}, row.version)):
                there = stranger.post(f"/{noun}/{row.pk}/{verb}", body, seen=seen)
                nowhere = stranger.post(f"/{noun}/{NOWHERE}/{verb}", body, seen=seen)
                assert there.status_code == nowhere.status_code == 404, verb
                assert there.content == nowhere.content
    edit = stranger.patch(f"/tickets/{ticket.pk}", {"urgency": 3}, seen=1)
    assert (edit.status_code, edit.content) == (
        404,
        stranger.patch(f"/tickets/{NOWHERE}", {"urgency": 3}, seen=1).content,
    )
    assert stranger.get("/tickets", q=ticket.title).json()["results"] == []
    assert stranger.get("/causes").json()["results"] == []


def test_a_foreign_ticket_cannot_be_named_in_a_field(cast: Cast, now: dt.datetime) -> None:
    theirs = ladder.submitted(cast, now)
    api = Api(cast.emma)
    body = {"product": cast.products["crm"].pk, "description": "x1"}
    there = api.post("/tickets", {**body, "follows": theirs.pk})
    nowhere = api.post("/tickets", {**body, "follows": NOWHERE})
    assert there.status_code == nowhere.status_code == 400
    assert there.content.replace(str(theirs.pk).encode(), b"N") == nowhere.content.replace(
        str(NOWHERE).encode(), b"N"
    )


def test_a_confidential_ticket_is_narrowed(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.routed(cast, now)
    agent = Api(cast.zhoumin)
    assert agent.get(f"/tickets/{ticket.pk}").status_code == 200
    edit_ticket(ticket, {"confidential": True}, acting_user=cast.gaoyuan, now=now)
    assert agent.get(f"/tickets/{ticket.pk}").status_code == 404
    assert agent.get("/tickets").json()["results"] == []
    assert Api(cast.gaoyuan).get(f"/tickets/{ticket.pk}").status_code == 200


def test_notes_and_judgements_never_reach_the_requester(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.pushed(cast, now)
    note = add_comment(ticket, INTERNAL, kind=CommentKind.NOTE, acting_user=cast.linzhixia, now=now)
    staff, requester = Api(cast.linzhixia), Api(cast.wangke)
    paths = (f"/tickets/{ticket.pk}", f"/tickets/{ticket.pk}/comments", "/tickets")
    read_by_staff = "".join(staff.get(path).content.decode() for path in paths)
    read_by_requester = "".join(requester.get(path).content.decode() for path in paths)
    for secret in (INTERNAL, ticket.suspected_cause, ticket.evidence, '"contract"', '"level"'):
        assert secret in read_by_staff
        assert secret not in read_by_requester
    assert [row["id"] for row in staff.get(paths[1]).json()["results"]] == [note.pk]
    assert requester.get(paths[1]).json()["results"] == []
    reply = requester.post(f"/tickets/{ticket.pk}/comments", {"body": "有进展吗？"})
    assert INTERNAL not in reply.content.decode()


def test_a_watcher_reads_what_the_requester_reads(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.screened(cast, now)
    add_comment(ticket, INTERNAL, kind=CommentKind.NOTE, acting_user=cast.linzhixia, now=now)
    Api(cast.linzhixia).post(f"/tickets/{ticket.pk}/watch", {"user": cast.liuyang.pk})
    watcher = Api(cast.liuyang)
    body = watcher.get(f"/tickets/{ticket.pk}").json()
    assert body["title"] == ticket.title
    assert "evidence" not in body
    assert watcher.get(f"/tickets/{ticket.pk}/comments").json()["results"] == []
    (row,) = watcher.get("/tickets").json()["results"]
    assert "level" not in row


def test_who_reads_by_role_sees_notes_in_list_and_ticket_alike(
    cast: Cast, now: dt.datetime
) -> None:
    ticket = ladder.screened(cast, now)
    for user in (cast.linzhixia, cast.gaoyuan):
        api = Api(user)
        assert "evidence" in api.get(f"/tickets/{ticket.pk}").json()
        assert "level" in api.get("/tickets").json()["results"][0]
