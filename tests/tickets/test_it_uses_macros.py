"""Macros: text by language, plain substitution, acts with it, all or nothing, one undo."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.errors import BadInput, NotAllowed, StaleWrite
from core.models import Event, OutboxRow
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import routed, submitted
from tickets.actions import (
    create_macro,
    edit_macro,
    edit_ticket,
    rehearse_macro,
    retire_macro,
    run_macro,
)
from tickets.errors import ContractUnmet
from tickets.models import Comment, Macro, Ticket
from tickets.rendering.macros import macro_text

ClientOf = Callable[..., Client]
RESOLVE = {"verb": "resolve", "params": {"resolution": "answered"}}
CLASSIFY = {"verb": "edit", "params": {"type": "how_to", "impact": 2}}


def _macro(cast: Cast, now: dt.datetime, **fields: object) -> Macro:
    given = {"name": "重新登录", "text_zh": "{{requester}}您好，请重新登录。", **fields}
    owner = None if given.pop("shared", False) else cast.linzhixia
    keeper = cast.linzhixia if owner else cast.gaoyuan
    return create_macro(Macro(owner=owner, **given), acting_user=keeper, now=now)


def test_it_speaks_the_requesters_language(cast: Cast, now: dt.datetime) -> None:
    macro = _macro(cast, now, text_en="Hello {{requester}}, please sign in again ({{ref}}).")
    ticket = submitted(cast, now)
    assert macro_text(macro, ticket, cast.linzhixia) == "王珂您好，请重新登录。"
    User.objects.filter(pk=cast.wangke.pk).update(language="en")
    ticket = Ticket.objects.get(pk=ticket.pk)
    said = macro_text(macro, ticket, cast.linzhixia)
    assert said == f"Hello 王珂, please sign in again ({ticket.ref})."
    macro.text_en = ""
    assert macro_text(macro, ticket, cast.linzhixia).startswith("王珂您好")


def test_what_a_value_holds_stays_plain_words(cast: Cast, now: dt.datetime) -> None:
    """No template language, no Markdown and no mention comes in by what somebody else typed."""
    hostile = "{{me}} {% now 'Y' %} @陈璐 **x** <b> [a](http://b)"
    ticket = submitted(cast, now, hostile)
    macro = _macro(cast, now, text_zh="“{{ title }}” {% if 1 %}")
    with pytest.raises(BadInput) as refused:
        edit_macro(macro, {"text_zh": "{{titel}}"}, acting_user=cast.linzhixia, now=now)
    assert "titel" in str(refused.value)
    assert "{{title}}" in str(refused.value)
    macro = _macro(cast, now, name="二", text_zh="“{{ title }}”")
    text = macro_text(macro, ticket, cast.linzhixia)
    assert "林知夏" not in text
    run_macro(ticket, macro, text, acting_user=cast.linzhixia, now=now)
    assert not OutboxRow.objects.filter(name="ticket.mentioned").exists()
    assert "@[" not in Comment.objects.get(ticket=ticket).body


def test_text_and_acts_go_together_or_not_at_all(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    macro = _macro(cast, now, acts=[CLASSIFY, RESOLVE])
    ticket = submitted(cast, now)
    before = Event.objects.count(), OutboxRow.objects.count()
    rehearsal = rehearse_macro(ticket, macro, acting_user=cast.linzhixia, now=now)
    assert [bool(step.problems) for step in rehearsal.steps] == [False, True]
    assert (Event.objects.count(), OutboxRow.objects.count()) == before
    with pytest.raises(ContractUnmet):
        run_macro(ticket, macro, rehearsal.text, acting_user=cast.linzhixia, now=now)
    assert (Event.objects.count(), OutboxRow.objects.count()) == before
    assert not Comment.objects.exists()
    macro.refresh_from_db()
    assert macro.uses == 0
    # With the contract met it goes, as one act with one undo.
    ready = edit_ticket(routed(cast, now), {"answer_gap": True}, acting_user=cast.zhoumin, now=now)
    client = client_of(cast.linzhixia)
    at = reverse("ticket_macro", args=[ready.pk, macro.pk])
    page = client.get(at)
    assert "王珂您好" in page.content.decode()
    sent = {"body": "王珂您好，请重新登录。", "version": ready.version, "seen_comment": 0}
    done = client.post(at, sent, follow=True)
    ready.refresh_from_db()
    macro.refresh_from_db()
    assert (ready.status, ready.type, macro.uses) == ("resolved", "how_to", 1)
    undo = reverse("ticket_undo", args=[ready.pk, ready.version])
    assert undo in done.content.decode()
    client.post(undo)
    ready.refresh_from_db()
    assert ready.status == "new"


def test_a_stale_preview_is_refused_and_a_held_reply_is_shown(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    from tickets.actions import add_comment

    macro = _macro(cast, now, acts=[CLASSIFY])
    ticket = submitted(cast, now)
    seen = ticket.version
    edit_ticket(ticket, {"type": "bug"}, acting_user=cast.zhoumin, now=now)
    with pytest.raises(StaleWrite):
        run_macro(ticket, macro, "好", seen_version=seen, acting_user=cast.linzhixia, now=now)
    add_comment(ticket, "好了，不用了", acting_user=cast.wangke, now=now)
    fresh = Ticket.objects.get(pk=ticket.pk)
    at = reverse("ticket_macro", args=[ticket.pk, macro.pk])
    sent = {"body": "请重新登录", "version": fresh.version, "seen_comment": 0}
    held = client_of(cast.linzhixia).post(at, sent)
    assert held.status_code == 422
    assert "好了，不用了" in held.content.decode()
    assert Comment.objects.filter(ticket=ticket).count() == 1


def test_who_keeps_and_uses_which(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    own = _macro(cast, now)
    shared = _macro(cast, now, name="共用", shared=True)
    team = _macro(cast, now, name="识别组", shared=True, team=cast.teams["recognition"])
    assert set(Macro.objects.offered_to(cast.linzhixia)) == {own, shared}
    assert set(Macro.objects.offered_to(cast.xucheng)) == {shared, team}
    with pytest.raises(NotAllowed):
        edit_macro(own, {"name": "x"}, acting_user=cast.zhoumin, now=now)
    with pytest.raises(NotAllowed):
        edit_macro(shared, {"name": "x"}, acting_user=cast.linzhixia, now=now)
    with pytest.raises(BadInput):
        _macro(cast, now)  # the name is taken
    retire_macro(own, acting_user=cast.linzhixia, now=now)
    with pytest.raises(NotAllowed):
        run_macro(submitted(cast, now), own, "x", acting_user=cast.linzhixia, now=now)
    client = client_of(cast.linzhixia)
    assert client.get(reverse("shared_macros")).status_code == 403
    assert client_of(cast.wangke).get(reverse("macros")).status_code == 403
    assert client.get(reverse("shared_macro", args=[shared.pk])).status_code == 403


def test_the_form_makes_what_it_shows(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    client = client_of(cast.gaoyuan)
    sent = {
        "name": "转报销组", "kind": "public", "text_zh": "已转给报销组。", "type": "access",
        "impact": "2", "tag": "报销", "holder": "nobody", "then": "move_up:2",
    }  # fmt: skip
    client.post(reverse("shared_macro_new"), sent)
    macro = Macro.objects.get(name="转报销组")
    assert [act["verb"] for act in macro.acts] == ["edit", "add_tag", "assign", "move_up"]
    form = client.get(reverse("shared_macro", args=[macro.pk])).context["form"]
    assert (form.initial["type"], form.initial["then"]) == ("access", "move_up:2")
    wrong = client.post(reverse("shared_macro_new"), {**sent, "name": "二", "text_zh": "{{x}}"})
    assert wrong.status_code == 422
    assert "{{x}}" in str(wrong.context["form"].errors["text_zh"])
    nothing = client.post(reverse("shared_macro_new"), {"name": "三", "kind": "public"})
    assert nothing.status_code == 422
    gone = client.post(reverse("shared_macro_retire", args=[macro.pk]), follow=True)
    assert reverse("shared_macro_bring_back", args=[macro.pk]) in gone.content.decode()
    ticket = submitted(cast, now)
    picker = reverse("ticket_macros", args=[ticket.pk])
    assert "转报销组" not in client.get(picker).content.decode()
    client.post(reverse("shared_macro_bring_back", args=[macro.pk]))
    assert "转报销组" in client.get(picker, {"words": "报销 已转"}).content.decode()
    assert "转报销组" not in client.get(picker, {"words": "报销 没有"}).content.decode()
