"""One ticket up the ladder through the API: every verb, as the person whose verb it is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.models import Event, OutboxRow
from opsdesk.demo.cast import Cast
from tests.api.calling import Api, everything, fields_of
from tests.tickets import ladder
from tickets.api.causes import CAUSE_VERBS
from tickets.api.verbs import VERBS
from tickets.models import Cause, Ticket, TicketLink


@pytest.fixture
def now() -> dt.datetime:
    """The API reads the clock, so what was before it lies in the hour before."""
    return timezone.now() - dt.timedelta(hours=1)


def ok(response: Any, status: str = "", level: int | None = None) -> dict[str, Any]:
    assert response.status_code in (200, 201), response.content.decode()
    body: dict[str, Any] = response.json()
    if status:
        assert body["status"] == status
    if level is not None:
        assert body["level"] == level
    return body


def test_a_how_to_is_answered_and_confirmed(cast: Cast, now: dt.datetime) -> None:
    agent, requester = Api(cast.linzhixia), Api(cast.wangke)
    made = ok(
        requester.post(
            "/tickets", {"product": cast.products["crm"].pk, "description": "怎么导出？"}
        )
    )
    ticket = Ticket.objects.get(pk=made["id"])
    ok(agent.post(f"/tickets/{ticket.pk}/claim"))
    ok(agent.verb(ticket, "ask", {"question": "导出哪一页？"}), "pending")
    ok(requester.post(f"/tickets/{ticket.pk}/comments", {"body": "客户列表"}))
    ticket.refresh_from_db()
    assert ticket.status == "open"
    fields = {"type": "how_to", "module_not_sure": True, "answer_gap": True}
    ok(agent.patch(f"/tickets/{ticket.pk}", fields, seen=ticket.version))
    body = ok(agent.verb(ticket, "resolve", {"resolution": "answered"}), "resolved", 2)
    assert {row["key"]: row["state"] for row in body["contract"] if row["level"] == 2} == {
        "answer": "done",
        "answer_page": "done",
        "suspected_module": "not_applicable",
        "suspected_cause": "not_applicable",
        "evidence": "not_applicable",
    }
    assert "confirm" in ok(requester.get(f"/tickets/{ticket.pk}"))["verbs"]
    ok(requester.verb(ticket, "reopen", {"reason": "还是不行"}), "open")
    ok(agent.verb(ticket, "resolve", {"resolution": "answered"}), "resolved")
    ok(requester.verb(ticket, "confirm"), "closed")
    ok(requester.verb(ticket, "rate", {"score": 3, "reasons": ["clear"]}), "closed")


def test_a_relay_comes_back_and_is_solved_outside(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.routed(cast, now)
    agent, outside = Api(cast.linzhixia), Api(cast.hesiyuan)
    team = {"team": cast.teams["crm_development"].pk, "note": "请看"}
    ok(agent.verb(ticket, "relay", team), "on_hold")
    ok(outside.verb(ticket, "return-relay", {"reason": "incomplete", "note": "缺截图"}), "open")
    ok(agent.verb(ticket, "relay", team), "on_hold")
    body = ok(outside.verb(ticket, "deliver-relay", {"note": "已修"}), "resolved")
    assert (body["resolution"], body["bounces"]) == ("outside", 1)


def test_a_bug_is_pushed_declined_accepted_and_delivered(cast: Cast, now: dt.datetime) -> None:
    agent, owner = Api(cast.linzhixia), Api(cast.hesiyuan)
    ticket = ladder.routed(cast, now, "bug")
    ok(agent.verb(ticket, "move-up", {"level": 2}), "open", 2)
    rows = {
        "suspected_module": cast.modules["visits"].pk, "suspected_category": "data",
        "suspected_cause": "旧编码", "evidence": "测试账号复现",
    }  # fmt: skip
    ticket.refresh_from_db()
    ok(agent.patch(f"/tickets/{ticket.pk}", rows, seen=ticket.version))
    opened = agent.post("/causes", {"title": "视图不同步", "product": cast.products["crm"].pk})
    assert opened.status_code == 201
    cause = Cause.objects.get(pk=opened.json()["id"])
    assert ok(agent.verb(ticket, "link-cause", {"cause": cause.pk}))["cause"]["id"] == cause.pk
    assert ok(agent.verb(cause, "push", {"owner": cast.hesiyuan.pk}))["state"] == "pushed"
    ok(agent.verb(ticket, "push", {"cause": cause.pk}), "on_hold", 3)
    ok(agent.verb(cause, "chase"))
    declined = ok(owner.verb(cause, "decline", {"reason": "incomplete", "note": "缺日志"}))
    assert (declined["state"], declined["bounces"]) == ("declined", 1)
    ok(agent.verb(cause, "push", {"owner": cast.hesiyuan.pk}))
    day = timezone.localdate() + dt.timedelta(days=3)
    ok(owner.verb(cause, "accept", {"promised_on": day.isoformat()}))
    later = (day + dt.timedelta(days=2)).isoformat()
    assert ok(owner.verb(cause, "promised-date", {"promised_on": later}))["slips"] == 1
    assert ok(agent.get(f"/tickets/{ticket.pk}"))["promised_on"] == later
    ok(agent.verb(cause, "known-issue", {"workaround": "请用旧视图"}))
    assert ok(owner.verb(cause, "deliver", {"text": "部门编码缓存"}))["state"] == "delivered"
    body = ok(agent.verb(ticket, "resolve", {"resolution": "fixed"}), "resolved", 3)
    assert body["resolved_level"] == 3


def test_hands_change_and_tickets_end_and_return(cast: Cast, now: dt.datetime) -> None:
    agent, requester = Api(cast.linzhixia), Api(cast.wangke)
    ticket = ladder.screened(cast, now)
    assert ok(agent.verb(ticket, "assign", {"assignee": cast.zhoumin.pk}))["assignee"]
    assert ok(agent.verb(ticket, "assign", {"assignee": None}))["assignee"] is None
    ok(agent.verb(ticket, "transfer", {"team": cast.teams["operations"].pk}))
    down = {"level": 1, "reason": "misjudged", "note": "是用法问题"}
    assert ok(agent.verb(ticket, "return", down), "open", 1)["bounces"] == 1
    ok(requester.verb(ticket, "withdraw", {"reason": "不用了"}), "cancelled")
    ok(requester.verb(ticket, "restore"), "open")
    ok(agent.verb(ticket, "reject", {"reason": "不属于本产品"}), "cancelled")
    ok(agent.verb(ticket, "restore"), "open")
    other = ladder.submitted(cast, now, "同一件事")
    assert (
        ok(agent.verb(ticket, "merge", {"into": other.pk}), "cancelled")["merged_into"] == other.pk
    )


def test_watching(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.submitted(cast, now)
    agent, colleague = Api(cast.linzhixia), Api(cast.liuyang)
    assert colleague.get(f"/tickets/{ticket.pk}").status_code == 404
    ok(agent.post(f"/tickets/{ticket.pk}/watch", {"user": cast.liuyang.pk}))
    ok(colleague.get(f"/tickets/{ticket.pk}"))
    ok(agent.post(f"/tickets/{ticket.pk}/unwatch", {"user": cast.liuyang.pk}))
    assert colleague.get(f"/tickets/{ticket.pk}").status_code == 404
    ok(agent.post(f"/tickets/{ticket.pk}/watch"))


def test_tags_go_on_and_come_off(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.submitted(cast, now)
    agent, requester = Api(cast.linzhixia), Api(cast.wangke)

    def tags() -> list[str]:
        return Ticket.objects.values_list("tags", flat=True).get(pk=ticket.pk)

    ok(agent.verb(ticket, "tag", {"add": ["移动端", "VIP"]}))
    assert tags() == ["移动端", "VIP"]
    ok(agent.verb(ticket, "tag", {"add": ["vip"], "remove": ["移动端"]}))
    assert tags() == ["VIP"]
    before = everything()
    assert requester.verb(ticket, "tag", {"remove": ["VIP"]}).status_code == 403
    bad = agent.verb(ticket, "tag", {"add": ["a,b"]})
    assert (bad.status_code, fields_of(bad)) == (400, ["tags"])
    assert everything() == before


def test_tickets_are_linked_and_split(cast: Cast, now: dt.datetime) -> None:
    ticket, other = ladder.submitted(cast, now), ladder.submitted(cast, now, "同一件事")
    agent, requester = Api(cast.linzhixia), Api(cast.wangke)
    sent = {"other": other.pk, "kind": "blocks"}
    ok(agent.verb(ticket, "link", sent))
    link = TicketLink.objects.get()
    assert (link.source, link.target, link.kind) == (ticket, other, "blocks")
    before = everything()
    back = agent.verb(other, "link", sent | {"other": ticket.pk})
    assert (back.status_code, fields_of(back)) == (409, ["kind"])
    assert requester.verb(ticket, "unlink", sent).status_code == 403
    assert everything() == before
    ok(agent.verb(ticket, "unlink", sent))
    assert not TicketLink.objects.exists()
    assert agent.verb(ticket, "unlink", sent).status_code == 409
    ok(agent.verb(ticket, "split", {"words": "导出也慢", "title": "导出慢"}))
    part = TicketLink.objects.get(target=ticket, kind="split").source
    assert (part.title, part.description, part.requester) == ("导出慢", "导出也慢", cast.wangke)


def test_an_act_is_undone_by_who_did_it(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.submitted(cast, now)
    agent, colleague = Api(cast.linzhixia), Api(cast.zhoumin)
    made = ok(agent.verb(ticket, "assign", {"assignee": cast.zhoumin.pk}))["version"]
    before = everything()
    assert colleague.verb(ticket, "undo", {"version": made}).status_code in (403, 409)
    assert everything() == before
    assert ok(agent.verb(ticket, "undo", {"version": made}))["assignee"] is None


def test_the_manager_names_the_owner_after_three_bounces(cast: Cast, now: dt.datetime) -> None:
    cause = ladder.cause(cast, now)
    agent, owner, manager = Api(cast.linzhixia), Api(cast.hesiyuan), Api(cast.gaoyuan)
    named = {"owner": cast.hesiyuan.pk}
    assert manager.verb(cause, "name-owner", named).status_code == 409
    for bounce in range(3):
        if bounce:
            ok(agent.verb(cause, "push", named))
        ok(owner.verb(cause, "decline", {"reason": "incomplete", "note": "缺日志"}))
    before = everything()
    assert agent.verb(cause, "name-owner", named).status_code == 403
    assert everything() == before
    assert ok(manager.verb(cause, "name-owner", named))["state"] == "pushed"


def test_every_verb_was_moved() -> None:
    """A verb that no test here uses fails this one."""
    source = Path(__file__).read_text("utf-8")
    for name in [verb.name for verb in VERBS] + [verb.name for verb in CAUSE_VERBS]:
        assert f'"{name}"' in source or f'/{name}"' in source, name


def test_a_write_names_the_version_it_read(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.routed(cast, now)
    agent = Api(cast.linzhixia)
    path = f"/tickets/{ticket.pk}"
    before = everything()
    missing = agent.patch(path, {"urgency": 3})
    assert (missing.status_code, missing.json()["code"]) == (428, "version_missing")
    assert missing.json()["problems"][0]["remedy"]
    assert agent.post(f"{path}/resolve", {"resolution": "fixed"}).status_code == 428
    odd = agent.client.patch(
        f"/api/v1{path}", "{}", content_type="application/json", headers={"If-Match": '"x"'}
    )
    assert (odd.status_code, fields_of(odd)) == (400, ["If-Match"])
    assert everything() == before
    assert agent.patch(path, {"urgency": 3}, seen=ticket.version).status_code == 200


def test_a_stale_write_shows_both_sides(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.routed(cast, now)
    seen = ticket.version
    agent, colleague = Api(cast.linzhixia), Api(cast.zhoumin)
    path = f"/tickets/{ticket.pk}"
    ok(colleague.patch(path, {"impact": 3, "frequency": "每天"}, seen=seen))
    before = everything()
    refused = agent.patch(path, {"impact": 1, "quote": "x"}, seen=seen)
    assert refused.status_code == 412
    body = refused.json()
    (conflict,) = body["conflicts"]
    assert (conflict["field"], conflict["before"], conflict["now"]) == ("impact", 2, 3)
    assert body["current_version"] == seen + 1
    assert everything() == before
    # A field nobody touched since is no conflict.
    ok(agent.patch(path, {"quote": "每次都这样"}, seen=seen))
    # A move reads the contract, so a contract row changed since stops it.
    ok(colleague.patch(path, {"type": "access"}, seen=seen + 2))
    stale = agent.post(f"{path}/move-up", {"level": 2}, seen=seen)
    assert stale.status_code == 412
    assert "type" in fields_of(stale)


def test_an_edit_that_changes_nothing_leaves_no_event(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.routed(cast, now)
    count = Event.objects.count()
    response = Api(cast.linzhixia).patch(
        f"/tickets/{ticket.pk}", {"type": "how_to"}, seen=ticket.version
    )
    assert response["ETag"] == f'"{ticket.version}"'
    assert Event.objects.count() == count


def test_what_may_not_be_done_is_403_and_writes_nothing(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.routed(cast, now)
    api = Api(cast.wangke)
    before = everything()
    for verb, body in (
        ("claim", None), ("assign", {"assignee": cast.wangke.pk}), ("move-up", {"level": 2}),
        ("resolve", {"resolution": "answered"}), ("reject", {"reason": "x"}),
    ):  # fmt: skip
        response = api.post(f"/tickets/{ticket.pk}/{verb}", body, seen=ticket.version)
        assert (response.status_code, response.json()["code"]) == (403, "not_allowed"), verb
    note = api.post(f"/tickets/{ticket.pk}/comments", {"body": "x", "kind": "note"})
    assert note.status_code == 403
    edit = api.patch(f"/tickets/{ticket.pk}", {"urgency": 3}, seen=ticket.version)
    assert edit.status_code == 403
    assert everything() == before


def test_only_the_owner_answers_a_cause(cast: Cast, now: dt.datetime) -> None:
    cause = ladder.cause(cast, now)
    agent = Api(cast.linzhixia)
    before = everything()
    day = (timezone.localdate() + dt.timedelta(days=1)).isoformat()
    assert agent.verb(cause, "accept", {"promised_on": day}).status_code == 403
    past = Api(cast.hesiyuan).verb(cause, "accept", {"promised_on": "2020-01-01"})
    assert (past.status_code, fields_of(past)) == (400, ["promised_on"])
    changed = {t for t, image in everything().items() if image != before[t]}
    assert changed <= {"django_session", "accounts_user"}
    assert Api(cast.hesiyuan).verb(cause, "accept", {"promised_on": day}).status_code == 200


def test_a_visitor_is_turned_away_and_a_forged_form_too(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.submitted(cast, now)
    visitor = Client().get(f"/api/v1/tickets/{ticket.pk}")
    assert (visitor.status_code, visitor.json()["code"]) == (403, "not_authenticated")
    checked = Client(enforce_csrf_checks=True)
    checked.force_login(cast.wangke, backend="accounts.backends.PeopleBackend")
    path = f"/api/v1/tickets/{ticket.pk}/comments"
    forged = checked.post(path, '{"body": "x"}', content_type="application/json")
    assert forged.status_code == 403
    assert ticket.comments.count() == 0


def test_what_happened_is_told_in_the_outbox(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.answered(cast, now)
    OutboxRow.objects.all().delete()
    ok(Api(cast.linzhixia).verb(ticket, "resolve", {"resolution": "answered"}))
    kinds = set(OutboxRow.objects.values_list("kind", "name"))
    assert ("notice", "ticket.status") in kinds
    assert ("news", "ticket.resolved") in kinds
