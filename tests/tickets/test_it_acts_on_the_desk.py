"""The verbs of the desk, over HTTP as a person would: done, refused by name, or stale."""

import datetime as dt
from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from docs_portal.actions import PageDraft, create_page, publish_page
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import answered, routed, screened, submitted
from tickets.actions import add_comment, claim_ticket, edit_ticket
from tickets.choices import CauseState, Level, Resolution, Status
from tickets.models import Cause, Comment, Ticket

ClientOf = Callable[..., Client]


def _at(ticket: Ticket, verb: str) -> str:
    return reverse(f"ticket_{verb}", args=[ticket.pk]) + "?queue=mine"


def _fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_related("cause").get(pk=ticket.pk)


def test_claim_assign_and_give_back(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    ticket = submitted(cast, now)
    lin, zhou = client_of(cast.linzhixia), client_of(cast.zhoumin)
    answer = lin.post(_at(ticket, "claim"), {"version": ticket.version})
    assert answer["Location"] == reverse("ticket", args=[ticket.pk]) + "?queue=mine"
    assert _fresh(ticket).assignee == cast.linzhixia
    late = zhou.post(_at(ticket, "claim"), {"version": ticket.version})
    assert late.status_code == 409
    assert "林知夏" in late.content.decode()
    lin.post(_at(ticket, "assign"), {"assignee": cast.zhoumin.pk})
    assert _fresh(ticket).assignee == cast.zhoumin
    page = lin.post(_at(ticket, "release"), follow=True)
    assert _fresh(ticket).assignee is None
    assert page.status_code == 200


def test_a_row_of_the_contract_is_filled_in_place(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = submitted(cast, now)
    client = client_of(cast.linzhixia)
    form = client.get(reverse("ticket_edit", args=[ticket.pk]), {"row": "type"})
    assert "row-form" in form.content.decode()
    client.post(_at(ticket, "edit"), {"row": "type", "type": "bug", "version": ticket.version})
    client.post(_at(ticket, "edit"), {"row": "module", "module": "not_sure"})
    found = _fresh(ticket)
    assert (found.type, found.module_not_sure) == ("bug", True)
    refused = client.post(_at(ticket, "edit"), {"row": "type", "type": "poem"})
    assert refused.status_code == 422
    assert "poem" in str(refused.context["form"].errors["type"])
    assert _fresh(ticket).type == "bug"


def test_a_move_up_names_what_is_missing(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    ticket = submitted(cast, now)
    client = client_of(cast.linzhixia)
    refused = client.post(_at(ticket, "move_up"), {"level": 2})
    assert refused.status_code == 422
    assert "缺少类型" in refused.content.decode()
    assert _fresh(ticket).level == Level.RELAY
    edit_ticket(
        ticket, {"type": "bug", "module": cast.modules["visits"]}, acting_user=cast.linzhixia,
        now=now,
    )  # fmt: skip
    client.post(_at(ticket, "move_up"), {"level": 2})
    assert _fresh(ticket).level == Level.RESOLVE


def test_a_stale_write_shows_both_sides_and_keeps_the_text(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = screened(cast, now)
    seen = ticket.version
    edit_ticket(ticket, {"evidence": "周敏写的证据"}, acting_user=cast.zhoumin, now=now)
    client = client_of(cast.linzhixia)
    sent = {"row": "evidence", "evidence": "林知夏写的证据", "version": seen}
    stale = client.post(_at(ticket, "edit"), sent)
    page = stale.content.decode()
    assert stale.status_code == 409
    assert "周敏写的证据" in page
    assert "林知夏写的证据" in page
    assert _fresh(ticket).evidence == "周敏写的证据"
    again = dict(stale.context["again"])
    client.post(_at(ticket, "edit"), again)
    assert _fresh(ticket).evidence == "林知夏写的证据"
    other = {"row": "impact", "impact": 1, "urgency": 2, "version": seen}
    assert client.post(_at(ticket, "edit"), other).status_code == 302


def test_an_answer_and_its_resolution_go_together(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = edit_ticket(
        routed(cast, now), {"answer_gap": True}, acting_user=cast.linzhixia, now=now
    )
    client = client_of(cast.linzhixia)
    sent = {"resolution": Resolution.ANSWERED, "reply": "", "version": ticket.version}
    refused = client.post(_at(ticket, "resolve"), sent)
    assert refused.status_code == 422
    assert _fresh(ticket).status == Status.NEW
    client.post(_at(ticket, "resolve"), {**sent, "reply": "在左侧选择“团队记录”即可。"})
    found = _fresh(ticket)
    assert (found.status, found.resolved_level) == (Status.RESOLVED, Level.RESOLVE)
    assert Comment.objects.get(ticket=ticket).body == "在左侧选择“团队记录”即可。"


def test_a_refused_resolution_writes_no_answer_either(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = submitted(cast, now)
    sent = {"resolution": Resolution.ANSWERED, "reply": "好了", "version": ticket.version}
    assert client_of(cast.linzhixia).post(_at(ticket, "resolve"), sent).status_code == 422
    assert not Comment.objects.filter(ticket=ticket).exists()
    assert _fresh(ticket).status == Status.NEW


def test_a_push_opens_the_cause_and_names_its_owner(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = screened(cast, now)
    client = client_of(cast.linzhixia)
    form = client.get(_at(ticket, "push")).context["form"]
    assert form.initial["owner"] == cast.hesiyuan.pk
    sent = {
        "cause": "new", "title": "视图按旧部门编码过滤", "category": "permission_rule",
        "module": cast.modules["visits"].pk, "owner": cast.hesiyuan.pk, "version": ticket.version,
    }  # fmt: skip
    refused = client.post(_at(ticket, "push"), {**sent, "title": " "})
    assert refused.status_code == 422
    assert not Cause.objects.exists()
    client.post(_at(ticket, "push"), sent)
    found = _fresh(ticket)
    assert (found.level, found.status) == (Level.PUSH, Status.ON_HOLD)
    assert found.cause is not None
    assert (found.cause.owner, found.cause.state) == (cast.hesiyuan, CauseState.PUSHED)


def test_a_refused_push_leaves_no_cause_behind(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = submitted(cast, now)
    sent = {"cause": "new", "title": "还没筛查", "owner": cast.hesiyuan.pk}
    assert client_of(cast.linzhixia).post(_at(ticket, "push"), sent).status_code == 422
    assert not Cause.objects.exists()
    assert _fresh(ticket).level == Level.RELAY


def test_a_cause_opened_with_the_push_judges_nothing(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = screened(cast, now)
    Ticket.objects.update(suspected_module=None, suspected_cause="")
    client = client_of(cast.linzhixia)
    offered = client.get(_at(ticket, "push")).context["form"].initial
    sent = {**offered, "category": "code", "owner": cast.hesiyuan.pk}
    assert (offered["title"], offered["module"]) == (ticket.title, ticket.module_id)
    assert client.post(_at(ticket, "push"), sent).status_code == 422
    assert not Cause.objects.exists()
    Ticket.objects.update(suspected_module=ticket.module, suspected_cause="旧编码")
    client.post(_at(ticket, "push"), sent)
    assert _fresh(ticket).level == Level.PUSH


def test_a_public_reply_after_an_unseen_one_is_held_once(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = submitted(cast, now)
    client = client_of(cast.linzhixia)
    add_comment(ticket, "我是周敏，已答复。", acting_user=cast.zhoumin, now=now)
    held = client.post(_at(ticket, "reply"), {"body": "我来答复", "seen_comment": 0})
    assert held.status_code == 422
    assert "我是周敏" in held.content.decode()
    assert "我来答复" in held.content.decode()
    again = held.context["form"].data
    client.post(_at(ticket, "reply"), dict(again))
    assert Comment.objects.filter(ticket=ticket).count() == 2
    note = {"body": "备注不受影响", "note": "on", "seen_comment": 0}
    assert client.post(_at(ticket, "reply"), note).status_code == 302


def test_merge_reject_and_their_undo(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    first, second = submitted(cast, now), submitted(cast, now)
    client = client_of(cast.linzhixia)
    unknown = client.post(_at(second, "merge"), {"into": "OPS-999999"})
    assert "OPS-999999" in str(unknown.context["form"].errors["into"])
    page = client.post(_at(second, "merge"), {"into": first.ref}, follow=True)
    assert _fresh(second).merged_into == first
    undo = reverse("ticket_undo", args=[second.pk, _fresh(second).version])
    assert undo in page.content.decode()
    client.post(undo)
    assert _fresh(second).status == Status.NEW
    client.post(_at(second, "merge"), {"into": first.ref})
    client.post(_at(second, "restore"))
    assert _fresh(second).status == Status.NEW
    client.post(_at(second, "reject"), {"reason": "与产品无关"})
    assert _fresh(second).status == Status.CANCELLED
    own = client_of(cast.wangke).get(reverse("my_ticket", args=[second.pk]))
    assert "与产品无关" in own.content.decode()


def test_a_requester_may_do_none_of_it(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    ticket = answered(cast, now)
    claim_ticket(ticket, acting_user=cast.linzhixia, now=now)
    own, lin = client_of(cast.wangke), client_of(cast.linzhixia)
    sent = {"resolution": Resolution.ANSWERED, "reply": ""}
    for verb in ("claim", "assign", "resolve", "edit", "reject", "push"):
        assert own.post(_at(ticket, verb), sent).status_code == 403, verb
    assert _fresh(ticket).status == Status.OPEN
    assert lin.post(_at(ticket, "resolve"), sent).status_code == 302


def test_every_verb_shows_its_form_or_why_not(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = screened(cast, now)
    client = client_of(cast.linzhixia)
    for verb in ("reply", "ask", "assign", "transfer", "relay", "return", "link_cause", "push",
                 "resolve", "reject", "merge", "watch"):  # fmt: skip
        page = client.get(_at(ticket, verb))
        assert page.status_code == 200, verb
        assert 'id="act-form"' in page.content.decode(), verb
    assert client.get(_at(ticket, "restore")).status_code == 409
    assert client.get(_at(ticket, "reopen")).status_code == 409


def test_a_page_the_requester_reads_is_linked_with_one_click(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    own, foreign = (
        publish_page(
            create_page(
                PageDraft(
                    product=cast.products["crm"], title=title, body="打开列表。",
                    roles=[cast.roles[role]],
                ),
                acting_user=cast.linzhixia, now=now,
            ),
            acting_user=cast.linzhixia, now=now,
        )
        for title, role in (("审阅", "crm_director"), ("提交", "crm_representative"))
    )  # fmt: skip
    ticket = routed(cast, now)
    client = client_of(cast.linzhixia)
    offered = client.get(reverse("ticket_related", args=[ticket.pk])).context["pages"]
    assert own in offered
    assert foreign not in offered
    sent = {"row": "answer_page", "answer_page": own.pk, "version": ticket.version}
    client.post(_at(ticket, "edit"), sent)
    assert _fresh(ticket).answer_page == own
    home = client_of(cast.wangke).get(reverse("help_home"))
    assert home.context["pages"] == [own]
