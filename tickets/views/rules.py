"""Settings of automation rules: the list, the builder, dry runs; and the trace on a ticket."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Max, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from catalog.access import rights_of
from catalog.views.pages import administrators_only, side
from core.errors import Refused
from core.formkeys import once_only
from core.toasts import add_toast
from tickets.access import get_ticket_for_staff
from tickets.actions.rehearsing import start_trial, stop_trial
from tickets.actions.rules import (
    activate_rule,
    create_rule,
    draft_of,
    edit_rule,
    order_rules,
    switch_off_rule,
)
from tickets.choices import RuleState, RunOutcome, TrialState
from tickets.forms.rules import Builder
from tickets.models import Rule, RuleRun, RuleTrial, Ticket
from tickets.rendering.acts import act_name
from tickets.rendering.rules import parts_of, rule_said, run_said
from tickets.search.filters import Asking
from tickets.views.requests import SignedInRequest

RUNS_SHOWN = 20
TRACE_SHOWN = 50
HITS_SHOWN = 100
PEOPLE_SUGGESTED = 300
#: Acts on a whole rule, each with an address of its own.
RULE_ACTS = ("activate", "off", "up", "down")


@administrators_only
@require_safe
def settings_rules(request: SignedInRequest) -> HttpResponse:
    """Every rule in its order, in sentences, with what became of it."""
    now = timezone.now()
    acted = Count("runs", filter=Q(runs__outcome=RunOutcome.ACTED))
    refused = Count("runs", filter=Q(runs__outcome=RunOutcome.REFUSED))
    rules = (
        Rule.objects.select_related("owner")
        .annotate(acted=acted, refused=refused, last_run=Max("runs__at"))
        .order_by("position", "pk")
    )
    rows = [
        {"rule": rule, "said": rule_said(parts_of(rule), Asking(rule.owner, now))} for rule in rules
    ]
    context = {"rows": rows, "side": side(request), "now": now}
    return render(request, "tickets/rules.html", context)


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def settings_rule_new(request: SignedInRequest) -> HttpResponse:
    return _builder(request, None)


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def settings_rule(request: SignedInRequest, pk: int) -> HttpResponse:
    """The rule in sentences, its builder, its newest runs and dry run."""
    return _builder(request, get_object_or_404(Rule.objects.select_related("owner"), pk=pk))


def _builder(request: SignedInRequest, rule: Rule | None) -> HttpResponse:
    now, user = timezone.now(), request.user
    asking = Asking(rule.owner if rule else user, now)
    if request.method != "POST":
        return _page(request, rule, Builder.of_rule(rule, user, asking), status=200)
    builder = Builder.of_post(request.POST, user, asking)
    step = request.POST.get("step", "save")
    if builder.step(step):
        # Not saved: the same form with what the choice asks for.
        return _page(request, rule, builder, status=200)
    said: dict[str, Any] = {"acting_user": user, "now": now}
    try:
        if step == "try":
            trial = start_trial(builder.draft(), rule=rule, **said)
            return redirect("settings_rule_trial", trial.pk)
        if rule is None:
            rule = create_rule(builder.draft(), **said)
            add_toast(request, _("The rule is kept as a draft. Try it, then activate it."))
        else:
            version = request.POST.get("version", "")
            seen = int(version) if version.isdecimal() and len(version) < 9 else None
            edit_rule(rule, builder.draft(), seen_version=seen, **said)
            add_toast(request, _("The rule is saved."))
    except Refused as refusal:
        builder.show_refusal(refusal)
        return _page(
            request, rule, builder, status=refusal.status if refusal.status != 400 else 422
        )
    return redirect("settings_rule", rule.pk)


def _page(
    request: SignedInRequest, rule: Rule | None, builder: Builder, *, status: int
) -> HttpResponse:
    now = timezone.now()
    context: dict[str, Any] = {
        "rule": rule, "builder": builder, "side": side(request), "now": now,
        "people": User.objects.working_here().order_by("name")[:PEOPLE_SUGGESTED],
    }  # fmt: skip
    if rule is not None:
        runs = rule.runs.exclude(outcome=RunOutcome.NOT_MATCHED).select_related("ticket", "rule")
        asking = Asking(rule.owner, now)
        visible = Ticket.objects.visible_to(request.user)
        runs = runs.filter(ticket__in=visible.values("pk")).order_by("-pk")
        context |= {
            "said": rule_said(parts_of(rule), asking),
            "runs": [run_said(run, asking) for run in runs[:RUNS_SHOWN]],
            "trial": rule.trials.order_by("-pk").first(),
        }
    return render(request, "tickets/rule.html", context, status=status)


@administrators_only
@require_POST
@once_only
def settings_rule_do(request: SignedInRequest, pk: int, act: str) -> HttpResponse:
    """Activate, switch off, or move in the order."""
    rule = get_object_or_404(Rule.objects.select_related("owner"), pk=pk)
    said: dict[str, Any] = {"acting_user": request.user, "now": timezone.now()}
    try:
        if act == "activate":
            activate_rule(rule, **said)
            undo = reverse("settings_rule_off", args=[pk])
            add_toast(request, _("The rule is active."), undo_url=undo)
        elif act == "off":
            switch_off_rule(rule, **said)
            undo = reverse("settings_rule_activate", args=[pk])
            add_toast(request, _("The rule is switched off."), undo_url=undo)
        else:
            order_rules(_moved(pk, -1 if act == "up" else 1), **said)
            return redirect("settings_rules")
    except Refused as refusal:
        words = " ".join(f"{one.message} {one.remedy}" for one in refusal.problems)
        add_toast(request, words, tone="seal")
    return redirect("settings_rule", pk)


def _moved(pk: int, by: int) -> list[int]:
    """All rules in order, with one moved a place."""
    order = list(Rule.objects.order_by("position", "pk").values_list("pk", flat=True))
    at = order.index(pk)
    order.insert(min(max(at + by, 0), len(order) - 1), order.pop(at))
    return order


@administrators_only
@require_POST
@once_only
def settings_rule_try(request: SignedInRequest, pk: int) -> HttpResponse:
    """A dry run of the rule as it is saved."""
    rule = get_object_or_404(Rule.objects.select_related("owner"), pk=pk)
    try:
        trial = start_trial(draft_of(rule), rule=rule, acting_user=request.user, now=timezone.now())
    except Refused as refusal:
        words = " ".join(f"{one.message} {one.remedy}" for one in refusal.problems)
        add_toast(request, words, tone="seal")
        return redirect("settings_rule", pk)
    return redirect("settings_rule_trial", trial.pk)


@administrators_only
@require_safe
def settings_rule_trial(request: SignedInRequest, pk: int) -> HttpResponse:
    """A dry run: its progress, then what the rule would have done; tickets the reader may see."""
    trial = get_object_or_404(RuleTrial.objects.select_related("rule", "asked_by"), pk=pk)
    asking = Asking(trial.asked_by, trial.until)
    hits = trial.hits[:HITS_SHOWN]
    visible = Ticket.objects.visible_to(request.user).in_bulk([hit["ticket"] for hit in hits])
    shown = [
        {
            "ticket": visible[hit["ticket"]],
            "at": dt.datetime.fromisoformat(hit["at"]),
            "in_the_way": act_name(hit["in_the_way"]) if hit["in_the_way"] else "",
        }
        for hit in hits
        if hit["ticket"] in visible
    ]
    context = {
        "trial": trial, "said": rule_said(trial.definition, asking), "hits": shown,
        "hidden": len(hits) - len(shown), "side": side(request), "now": timezone.now(),
        "is_running": trial.state in (TrialState.WAITING, TrialState.RUNNING),
        "may_activate": trial.rule is not None and trial.rule.state != RuleState.ACTIVE,
    }  # fmt: skip
    fragment = request.htmx and not request.htmx.boosted
    template = "tickets/parts/trial.html" if fragment else "tickets/rule_trial.html"
    return render(request, template, context)


@administrators_only
@require_POST
@once_only
def settings_rule_trial_stop(request: SignedInRequest, pk: int) -> HttpResponse:
    trial = get_object_or_404(RuleTrial, pk=pk)
    stop_trial(trial, acting_user=request.user, now=timezone.now())
    return redirect("settings_rule_trial", pk)


@login_required
@require_safe
def ticket_rules(request: SignedInRequest, pk: int) -> HttpResponse:
    """Which rule did this: every rule considered for the ticket, why it ran or not, what it did."""
    ticket = get_ticket_for_staff(request.user, pk)
    now = timezone.now()
    runs = (RuleRun.objects.filter(ticket=ticket).select_related("rule__owner").order_by("-pk"))[
        :TRACE_SHOWN
    ]
    context = {
        "ticket": ticket,
        "runs": [run_said(run, Asking(run.rule.owner, now)) for run in runs],
        "now": now,
        "may_open": rights_of(request.user).is_administrator,
    }
    return render(request, "tickets/ticket_rules.html", context)
