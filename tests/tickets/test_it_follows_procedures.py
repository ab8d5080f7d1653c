"""Procedures: the closest one fits, ticks are events, editions never change what was ticked."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from core.errors import BadInput, NotAllowed
from core.models import Event
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import answered, routed, submitted
from tickets.actions import (
    StepDraft,
    create_procedure,
    edit_procedure,
    resolve_ticket,
    retire_procedure,
    tick_step,
    undo_act,
    untick_step,
)
from tickets.choices import Resolution
from tickets.errors import ContractUnmet, WrongState
from tickets.models import Procedure, ProcedureStep, StepTick, Ticket
from tickets.policies import procedure_of
from tickets.rendering.steps import procedure_shown

ClientOf = Callable[..., Client]
STEPS = [StepDraft("核对 **权限**", is_required=True), StepDraft("告知提单人")]


def _procedure(cast: Cast, now: dt.datetime, **fields: object) -> Procedure:
    given = {"name": "使用咨询", "type": "how_to", **fields}
    return create_procedure(Procedure(**given), STEPS, acting_user=cast.gaoyuan, now=now)


def _steps(procedure: Procedure) -> list[ProcedureStep]:
    return list(procedure.steps.filter(edition=procedure.edition).order_by("position"))


def test_the_closest_one_fits(cast: Cast, now: dt.datetime) -> None:
    ticket = routed(cast, now)
    assert procedure_of(ticket) is None
    everywhere = _procedure(cast, now)
    found = procedure_of(ticket)
    assert found is not None
    assert found.procedure == everywhere
    _procedure(cast, now, name="ERP", product=cast.products["erp"])
    crm = _procedure(cast, now, name="CRM", product=cast.products["crm"])
    module = _procedure(
        cast, now, name="拜访", product=cast.products["crm"], module=cast.modules["visits"]
    )
    found = procedure_of(ticket)
    assert found is not None
    assert found.procedure == module
    retire_procedure(module, acting_user=cast.gaoyuan, now=now)
    found = procedure_of(ticket)
    assert found is not None
    assert found.procedure == crm
    with pytest.raises(BadInput):
        _procedure(cast, now, name="noch einmal")
    with pytest.raises(NotAllowed):
        create_procedure(Procedure(type="bug"), STEPS, acting_user=cast.linzhixia, now=now)


def test_a_required_step_joins_the_refusal_by_name(cast: Cast, now: dt.datetime) -> None:
    required, optional = _steps(_procedure(cast, now))
    ticket = answered(cast, now)
    said = {"acting_user": cast.linzhixia, "now": now}
    with pytest.raises(ContractUnmet) as refused:
        resolve_ticket(ticket, Resolution.ANSWERED, **said)  # type: ignore[arg-type]
    assert [problem.field for problem in refused.value.problems] == [f"step_{required.pk}"]
    assert "核对" in str(refused.value)
    ticket = tick_step(ticket, required, **said)  # type: ignore[arg-type]
    assert not StepTick.objects.filter(step=optional).exists()
    resolved = resolve_ticket(ticket, Resolution.ANSWERED, **said)  # type: ignore[arg-type]
    assert resolved.status == "resolved"


def test_ticks_are_events_and_can_be_undone(cast: Cast, now: dt.datetime) -> None:
    required, _optional = _steps(_procedure(cast, now))
    ticket = routed(cast, now)
    said = {"acting_user": cast.linzhixia, "now": now + dt.timedelta(minutes=1)}
    ticket = tick_step(ticket, required, **said)  # type: ignore[arg-type]
    tick_step(ticket, required, acting_user=cast.zhoumin, now=now)
    events = Event.objects.filter(subject="ticket", subject_id=ticket.pk, verb="tick")
    assert [(event.actor_id, event.data["step"]) for event in events] == [
        (cast.linzhixia.pk, required.text)
    ]
    undo_act(ticket, events.get().version, **said)  # type: ignore[arg-type]
    assert not StepTick.objects.exists()
    tick_step(ticket, required, **said)  # type: ignore[arg-type]
    untick_step(ticket, required, **said)  # type: ignore[arg-type]
    assert not StepTick.objects.exists()
    with pytest.raises(NotAllowed):
        tick_step(ticket, required, acting_user=cast.wangke, now=now)


def test_a_change_leaves_what_was_ticked(cast: Cast, now: dt.datetime) -> None:
    procedure = _procedure(cast, now)
    old = _steps(procedure)
    begun, other = routed(cast, now), routed(cast, now)
    tick_step(begun, old[0], acting_user=cast.linzhixia, now=now)
    same = edit_procedure(procedure, {"name": "咨询"}, STEPS, acting_user=cast.gaoyuan, now=now)
    assert same.edition == 1
    changed = edit_procedure(
        same, {}, [StepDraft("先看手册", is_required=True)], acting_user=cast.gaoyuan, now=now
    )
    assert changed.edition == 2
    shown = procedure_shown(begun)
    assert shown is not None
    assert [(step.text, bool(step.at)) for step in shown.steps] == [
        ("核对 **权限**", True), ("告知提单人", False),
    ]  # fmt: skip
    assert shown.is_older
    fresh = procedure_shown(other)
    assert fresh is not None
    assert [step.text for step in fresh.steps] == ["先看手册"]
    with pytest.raises(WrongState):
        tick_step(other, old[0], acting_user=cast.linzhixia, now=now)


def test_it_stands_on_the_ticket_and_is_ticked_there(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    step = _steps(_procedure(cast, now))[0]
    ticket, client = routed(cast, now), client_of(cast.linzhixia)
    page = client.get(reverse("ticket", args=[ticket.pk])).content.decode()
    assert "<strong>权限</strong>" in page
    at = reverse("ticket_tick", args=[ticket.pk])
    done = client.post(at, {"step": step.pk}, follow=True).content.decode()
    assert 'aria-checked="true"' in done
    assert "林知夏" in done
    client.post(at, {"step": step.pk, "off": "1"})
    assert not StepTick.objects.exists()
    assert client.post(at, {"step": "x"}).status_code == 404
    assert client.post(at, {"step": 10**17}).status_code == 404
    # Another type has another procedure or none.
    plain = submitted(cast, now)
    assert "ticket_tick" not in client.get(reverse("ticket", args=[plain.pk])).content.decode()


def test_the_settings_write_preview_and_count(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    routed(cast, now)
    client = client_of(cast.chenlu)
    sent = {
        "name": "咨询", "type": "how_to", "steps-TOTAL_FORMS": "3", "steps-INITIAL_FORMS": "0",
        "steps-0-place": "20", "steps-0-text": "第二步", "steps-1-place": "10",
        "steps-1-text": "第一步", "steps-1-is_required": "on", "steps-2-text": "",
    }  # fmt: skip
    preview = client.post(reverse("procedure_new"), {**sent, "preview": "1"})
    assert [step.text for step in preview.context["shown"].steps] == ["第一步", "第二步"]
    assert preview.context["affected"] == Ticket.objects.filter(type="how_to").count()
    assert not Procedure.objects.exists()
    client.post(reverse("procedure_new"), sent)
    procedure = Procedure.objects.get()
    assert [(s.text, s.is_required) for s in _steps(procedure)] == [
        ("第一步", True), ("第二步", False),
    ]  # fmt: skip
    empty = {**sent, "steps-0-text": "", "steps-1-text": "", "type": "bug"}
    assert client.post(reverse("procedure_new"), empty).status_code == 422
    assert client_of(cast.linzhixia).get(reverse("procedures")).status_code == 403
    client.post(reverse("procedure_retire", args=[procedure.pk]))
    client.post(reverse("procedure_bring_back", args=[procedure.pk]))
    procedure.refresh_from_db()
    assert procedure.is_active


def test_a_refused_step_is_named_beside_its_field_and_above_the_form(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    client = client_of(cast.chenlu)
    sent = {
        "name": "咨询", "type": "how_to", "steps-TOTAL_FORMS": "1", "steps-INITIAL_FORMS": "0",
        "steps-0-place": "10", "steps-0-text": "看日志",
    }  # fmt: skip
    refused = client.post(reverse("procedure_new"), sent | {"steps-0-place": "-1"})
    assert refused.status_code == 422
    page = refused.content.decode()
    assert 'href="#id_steps-0-place"' in page
    assert 'id="id_steps-0-place_error"' in page
    tampered = client.post(reverse("procedure_new"), sent | {"steps-TOTAL_FORMS": "x"})
    assert tampered.status_code == 422
    assert "步骤没有完整传到" in tampered.content.decode()
    assert not Procedure.objects.exists()
    assert client.post(reverse("procedure_new"), sent).status_code == 302
