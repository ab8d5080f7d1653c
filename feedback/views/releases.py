"""Releases: the list, a release with its gate and its people, and its verbs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from core.errors import BadInput, NotAllowed, Problem, Refused, StaleWrite
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from feedback import access, actions
from feedback.choices import DemandStatus, ReleaseStatus, RoundKind
from feedback.forms import releases as forms
from feedback.forms.fields import staff_products
from feedback.models import Demand, Release, RolloutPart, Round
from feedback.policies import GateRow, gate_of, is_staff_of
from feedback.querysets import products_read_by
from feedback.rendering.sentences import release_history
from feedback.search import Told, told_of, told_of_release
from feedback.views.answers import form_page, local_now, reader_of, stale_page

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

PAGE_SIZE = 50
PEOPLE_SHOWN = 200


@login_required
@require_safe
def releases(request: HttpRequest) -> HttpResponse:
    """Releases of one's products, newest first, by key."""
    user = reader_of(request)
    if products_read_by(user) == frozenset():
        raise PermissionDenied
    found = (
        Release.objects.visible_to(user)
        .select_related("product")
        .annotate(
            carried=Count("demands", distinct=True),
            verified=Count("demands", filter=Q(demands__verified_at__isnull=False), distinct=True),
        )
        .order_by("-pk")
    )
    if (key := request.GET.get("before", "")).isdecimal() and len(key) < 18:
        found = found.filter(pk__lt=int(key))
    rows = list(found[: PAGE_SIZE + 1])
    context = {
        "releases": rows[:PAGE_SIZE],
        "next_key": rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None,
        "before": key,
        "may_plan": staff_products(user).exists(),
    }
    return render(request, "feedback/releases.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def release_new(request: HttpRequest) -> HttpResponse:
    """Plan a release."""
    user = reader_of(request)
    if not staff_products(user).exists():
        raise PermissionDenied
    form = forms.NewReleaseForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.create_release(
                data["product"], data["name"], planned_on=data["planned_on"], acting_user=user,
                now=local_now(),
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _now("Release %(name)s is planned") % {"name": made.name})
            return redirect("release", made.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "feedback/release_new.html", {"form": form}, status=status)


@login_required
@require_safe
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """A release: its demands, its gate, who will be told or was told."""
    user = reader_of(request)
    return render(request, "feedback/release.html", release_context(user, pk))


@dataclass(frozen=True)
class Carried:
    """A demand in a release, with what still keeps it from being released."""

    demand: Demand
    told: Told

    @property
    def is_ready(self) -> bool:
        return self.demand.status == DemandStatus.TESTING


@dataclass(frozen=True)
class ShownRow:
    """A row of the gate with the form that fills it."""

    row: GateRow
    form: forms.GateForm | None


def release_context(user: User, pk: int, bound: forms.GateForm | None = None) -> dict[str, Any]:
    """Everything the page shows; `bound` is a refused gate form, kept as it was typed."""
    shown = access.get_release_for_view(user, pk)
    may_edit = is_staff_of(shown.product_id, user)
    is_planned = shown.status == ReleaseStatus.PLANNED
    demands = list(shown.demands.select_related("product_owner", "verified_by").order_by("pk"))
    told = told_of([demand.pk for demand in demands])
    gate = gate_of(shown) if is_planned else []
    carried = [Carried(demand, told[demand.pk]) for demand in demands]
    return {
        "now": local_now(),
        "release": shown,
        "carried": carried,
        "gate": [_shown(row, shown, may_edit, bound) for row in gate],
        "open_rows": [row for row in gate if not row.done],
        "unready": [entry.demand for entry in carried if is_planned and not entry.is_ready],
        "gate_done": sum(row.done for row in gate),
        "may_edit": may_edit,
        "is_planned": is_planned,
        "parts": shown.parts.select_related("department", "person").order_by("starts_on", "pk")
        if shown.is_partial else [],
        "today": timezone.localdate(),
        "may_publish": may_edit and is_planned and bool(carried)
        and all(row.done for row in gate) and all(entry.is_ready for entry in carried),
        "history": release_history(shown),
        "announced": access.announced_release(shown) if may_edit else None,
        "announce_url": _announce_url(shown) if may_edit else "",
        **(_will_be_told(shown) if is_planned else _was_told(shown)),
    }  # fmt: skip


def _announce_url(shown: Release) -> str:
    """A new announcement with what the release says of itself."""
    filled = {
        "product": shown.product.code, "title": f"{shown.product} {shown.name}"[:120],
        "what": shown.announcement[:2000], "source": access.source_of(shown),
    }  # fmt: skip
    return f"{reverse('announcement_new')}?{urlencode(filled)}"


def _shown(row: GateRow, shown: Release, may_edit: bool, bound: forms.GateForm | None) -> ShownRow:
    if row.key not in forms.GateForm.ROWS or not may_edit:
        return ShownRow(row, None)
    if bound is not None and bound.data.get("row") == row.key:
        return ShownRow(row, bound)
    return ShownRow(row, forms.GateForm(release=shown, row=row.key))


def _will_be_told(shown: Release) -> dict[str, Any]:
    """The list: who hears it themselves, who hears for somebody, who cannot be reached, and whom a
    release in part has not reached yet.
    """
    people = access.people_of_release(shown, timezone.localdate())
    due = [told for told in people if told.is_covered]
    reached = [told for told in due if told.recipient == told.person]
    return {
        "people_count": len(people),
        "reached": reached[:PEOPLE_SHOWN],
        "reached_count": len(reached),
        "passed_on": [t for t in due if t.recipient is not None and t.recipient != t.person],
        "unreachable": [told for told in due if told.recipient is None],
        "later": [told for told in people if not told.is_covered],
        "limit": PEOPLE_SHOWN,
    }


def _was_told(shown: Release) -> dict[str, Any]:
    rounds = Round.objects.filter(kind=RoundKind.RELEASE, release=shown).select_related(
        "obligation__person__department", "obligation__demand", "told_to"
    )
    return {
        "told": told_of_release(shown),
        "rounds": rounds.order_by("pk")[:PEOPLE_SHOWN],
        "limit": PEOPLE_SHOWN,
    }


# ---- verbs --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """One sent form of a release."""

    release: Release
    data: Mapping[str, Any]
    user: User
    now: dt.datetime

    def by(self) -> dict[str, Any]:
        return {"acting_user": self.user, "now": self.now}

    def said(self) -> dict[str, Any]:
        return {**self.by(), "seen_version": self.data.get("version")}


@dataclass(frozen=True)
class ReleaseVerb:
    """A verb of a release: in which statuses, and what it does."""

    statuses: tuple[str, ...]
    title: StrPromise
    run: Callable[[Act], object]
    done: StrPromise
    form: type[forms.ReleaseVerbForm] = forms.ReleaseVerbForm
    button: StrPromise | None = None
    lead: StrPromise | None = None
    kind: str = "primary"
    template: str = "tickets/verb.html"


def _carry(act: Act) -> None:
    with transaction.atomic():
        for demand in act.data["demands"]:
            actions.put_in_release(demand, act.release, **act.by())


_PLANNED = (ReleaseStatus.PLANNED,)
_BOTH = (ReleaseStatus.PLANNED, ReleaseStatus.RELEASED)

RELEASE_VERBS: dict[str, ReleaseVerb] = {
    "date": ReleaseVerb(
        _PLANNED, _("Change the date"),
        lambda a: actions.fill_gate(a.release, {"planned_on": a.data["planned_on"]}, **a.said()),
        _("Saved"), forms.DateForm,
    ),
    "carry": ReleaseVerb(
        _PLANNED, _("Put demands into it"), _carry, _("Saved"),
        forms.CarryDemandsForm, _("Save"),
        _("Accepted demands of the product; each has to be tested before the release."),
    ),
    "roll_out": ReleaseVerb(
        _BOTH, _("Roll out in part"),
        lambda a: actions.roll_out_to(
            a.release, a.data["department"] or a.data["person"], a.data["starts_on"], **a.said()
        ),
        _("Saved; only whom it reaches is asked"), forms.RollOutForm, _("Add"),
        _("Nobody else has it until they are named here, or everybody is."),
    ),
    "everybody": ReleaseVerb(
        _BOTH, _("Roll out to everybody"),
        lambda a: actions.roll_out_to_everybody(a.release, a.data["starts_on"], **a.said()),
        _("Saved; from that day everybody who asked is asked"), forms.EverybodyForm, _("Save"),
    ),
    "see_people": ReleaseVerb(
        _PLANNED, _("Who will be told"),
        lambda a: actions.see_people(a.release, **a.by()), _("Noted that you saw the list"),
        button=_("I have looked through the list"), template="feedback/see_people.html",
    ),
    "publish": ReleaseVerb(
        _PLANNED, _("Publish"),
        lambda a: actions.publish_release(a.release, **a.said()),
        _("Published; verify each demand, then everybody is asked"), button=_("Publish"),
        template="feedback/see_people.html",
        lead=_("It is live for everybody. What was sent can only be corrected, not taken back."),
    ),
    "roll_back": ReleaseVerb(
        (ReleaseStatus.RELEASED,), _("Roll back"),
        lambda a: actions.roll_back_release(a.release, a.data["reason"], **a.said()),
        _("Rolled back; everybody who was told hears it"), forms.RollBackForm, None,
        _("Its demands go back into development and their tickets open again."), "danger",
    ),
}  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def release_verb(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """A verb of a release: its form, or its act."""
    user = reader_of(request)
    shown = access.get_release_for_edit(user, pk)
    entry = RELEASE_VERBS[verb]
    action, back = reverse(f"release_{verb}", args=[pk]), reverse("release", args=[pk])
    page: dict[str, Any] = {"action": action, "back": back, "crumb": str(shown)}
    page["template"] = entry.template
    if entry.template == "feedback/see_people.html":
        page |= release_context(user, pk)
    if request.method != "POST":
        _require_status(shown, entry)
        return form_page(request, entry, entry.form(release=shown, user=user), **page)
    form = entry.form(request.POST, release=shown, user=user)
    if form.is_valid():
        try:
            entry.run(Act(shown, form.cleaned_data, user, local_now()))
        except StaleWrite as stale:
            return stale_page(request, shown, form, stale, action=action, back=back)
        except NotAllowed:
            raise
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, str(entry.done))
            return redirect(back)
    return form_page(request, entry, form, status=422, **page)


def _require_status(shown: Release, verb: ReleaseVerb) -> None:
    if shown.status not in verb.statuses:
        raise NotAllowed(
            Problem(
                "status", _("This cannot be done with the release now."),
                _("Reload its page to see what can be done."),
                str(ReleaseStatus(shown.status).label),
            )
        )  # fmt: skip


@login_required
@require_POST
@once_only
def release_gate(request: HttpRequest, pk: int) -> HttpResponse:
    """Fill one row of the gate in place."""
    user = reader_of(request)
    shown = access.get_release_for_edit(user, pk)
    row = request.POST.get("row", "")
    if row not in forms.GateForm.ROWS:
        raise BadInput(
            Problem("row", _("The gate has no such row."), ", ".join(forms.GateForm.ROWS), row[:80])
        )
    form = forms.GateForm(request.POST, release=shown, row=row)
    action, back = reverse("release_gate", args=[pk]), reverse("release", args=[pk])
    if form.is_valid():
        try:
            actions.fill_gate(
                shown, form.values(), acting_user=user, now=local_now(),
                seen_version=form.cleaned_data["version"],
            )  # fmt: skip
        except StaleWrite as stale:
            return stale_page(request, shown, form, stale, action=action, back=back)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _now("Saved"))
            return redirect(back)
    context = release_context(user, pk, bound=form)
    return render(request, "feedback/release.html", context, status=422)


@login_required
@require_POST
@once_only
def release_take_out(request: HttpRequest, pk: int, demand_id: int) -> HttpResponse:
    """Take a demand out of a planned release."""
    user = reader_of(request)
    shown = access.get_release_for_edit(user, pk)
    demand = access.get_demand_for_edit(user, demand_id)
    if demand.release_id == shown.pk:
        actions.put_in_release(demand, None, acting_user=user, now=local_now())
        add_toast(request, _now("%(ref)s is taken out") % {"ref": demand.ref})
    return redirect("release", shown.pk)


@login_required
@require_POST
@once_only
def release_leave_out(request: HttpRequest, pk: int, part_id: int) -> HttpResponse:
    """Take a part of the roll-out out again, before it has reached anybody."""
    user = reader_of(request)
    shown = access.get_release_for_edit(user, pk)
    part = get_object_or_404(RolloutPart.objects.select_related("release"), pk=part_id, release=pk)
    actions.leave_out(part, acting_user=user, now=local_now())
    add_toast(request, _now("%(who)s is left out") % {"who": part})
    return redirect("release", shown.pk)


@login_required
@require_safe
def release_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the people of a release are, as the open page asks for it again and again."""
    shown = access.get_release_for_view(reader_of(request), pk)
    context = {"release": shown, "told": told_of_release(shown)}
    return render(request, "feedback/parts/progress.html", context)
