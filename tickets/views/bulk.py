"""Bulk acts of the desk: over a selection or a whole place, and the page of a run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from catalog.access import require
from catalog.choices import PermissionRole
from core.errors import BadInput, Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from tickets import actions
from tickets.actions.bulk import BULK_MAX, counts_of, counts_of_all, is_small
from tickets.forms import bulk as forms
from tickets.models import BulkItem, BulkRun
from tickets.querysets import TicketQuerySet
from tickets.rendering.bulk import run_said, why
from tickets.views.answers import kept_query, next_address, shown_in_dialog
from tickets.views.places import Place
from tickets.views.requests import SignedInRequest

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

WORKERS = (PermissionRole.AGENT, PermissionRole.MANAGER)
#: Refusals a page of a run lists at once.
LISTED = 100
#: A person's newest runs, on the page of all of them.
RUNS_SHOWN = 50


@dataclass(frozen=True)
class BulkVerb:
    """One act of the bulk bar: its dialog, and the key that opens it while tickets are selected."""

    title: StrPromise
    form: type[forms.BulkForm]
    icon: str
    code: str = ""
    lead: StrPromise | None = None
    button: StrPromise | None = None
    kind: str = "primary"
    #: Only for tickets somebody picked: a whole queue is no list of duplicates.
    needs_selection: bool = False


BULK: dict[str, BulkVerb] = {
    "claim": BulkVerb(_("Claim"), forms.ClaimForm, "user"),
    "assign": BulkVerb(_("Assign"), forms.AssignForm, "user", "KeyA"),
    "classify": BulkVerb(_("Classify"), forms.ClassifyForm, "edit", "KeyC"),
    "move_up": BulkVerb(_("Move up"), forms.LevelForm, "up", "KeyL"),
    "reply": BulkVerb(
        _("Reply"), forms.ReplyForm, "reply", "KeyR",
        _("Each requester gets it on their own ticket; no names of others are shown."), _("Send"),
    ),
    "note": BulkVerb(_("Internal note"), forms.NoteForm, "note", "KeyN", None, _("Write")),
    "resolve": BulkVerb(
        pgettext_lazy("verb", "Resolve"), forms.ResolveForm, "check", "KeyE",
        _("Each requester is asked whether it works."),
    ),
    "tag": BulkVerb(_("Add a tag"), forms.TagForm, "tag", "", None, _("Add")),
    "untag": BulkVerb(_("Remove a tag"), forms.UntagForm, "tag", "", None, _("Remove")),
    "merge": BulkVerb(
        _("Merge"), forms.MergeForm, "merge", "",
        _("Only tickets of one requester are merged. Link those of several people to one cause."),
        needs_selection=True,
    ),
    "link_cause": BulkVerb(
        _("Link a cause"), forms.CauseForm, "link", "",
        _("Each ticket keeps its own conversation and its own confirmation."), _("Link"),
    ),
    "watch": BulkVerb(_("Add a watcher"), forms.WatchForm, "eye", "KeyW", None, _("Add")),
    "transfer": BulkVerb(_("Transfer"), forms.TransferForm, "team", "KeyT"),
    "ask": BulkVerb(
        _("Ask the requester"), forms.AskForm, "question", "KeyQ",
        _("Each requester is told, and each ticket waits for them."), _("Ask"),
    ),
    "reject": BulkVerb(
        _("Reject"), forms.RejectForm, "x", "", _("Each requester reads why."), None, "danger"
    ),
}  # fmt: skip
#: In the bar itself; the others are in its menu.
IN_BAR = ("assign", "classify", "merge", "resolve")


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def bulk_act(request: SignedInRequest, verb: str) -> HttpResponse:
    """The dialog of a bulk act; sent, the run. A small one is done when this answers."""
    require(request.user, *WORKERS)
    place = Place.of(request)
    entry = BULK[verb]
    if request.method != "POST":
        sent = {name: request.GET.get(name, "") for name in ("tickets", "whole")}
        asked = forms.BulkForm(sent, user=request.user)
        chosen = asked.cleaned_data["tickets"] if asked.is_valid() else []
        form = entry.form(user=request.user, initial=sent, chosen=[pk for pk, _seen in chosen])
        return _dialog(request, verb, form, place, 200)
    asked = forms.BulkForm(request.POST, user=request.user)
    chosen = asked.cleaned_data["tickets"] if asked.is_valid() else []
    form = entry.form(request.POST, user=request.user, chosen=[pk for pk, _seen in chosen])
    if form.is_valid():
        now = timezone.now()
        whole = form.cleaned_data["whole"] and not entry.needs_selection
        try:
            run = actions.start_bulk_run(
                form.act(), _all_of(place, request.user, now) if whole else chosen,
                place=place.said if whole else "", acting_user=request.user, now=now,
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            return _started(request, run)
    return _dialog(request, verb, form, place, 422)


def _all_of(place: Place, user: User, now: dt.datetime) -> TicketQuerySet:
    """All tickets of a list. A condition that cannot be read would let in too many."""
    if place.problems:
        raise BadInput(*place.problems)
    return place.tickets(user, now)


def _dialog(
    request: SignedInRequest, verb: str, form: forms.BulkForm, place: Place, status: int
) -> HttpResponse:
    data = form.data or form.initial
    whole = bool(data.get("whole")) and not BULK[verb].needs_selection
    if whole:
        tickets = place.tickets(request.user, timezone.now())
        count = tickets.order_by()[: BULK_MAX + 1].count()
        crumb = ngettext(
            "%(count)s ticket in “%(place)s”", "%(count)s tickets in “%(place)s”", count
        ) % {"count": count, "place": place.said}
    else:
        count = len([part for part in str(data.get("tickets", "")).split(",") if part])
        crumb = ngettext("%(count)s ticket selected", "%(count)s tickets selected", count) % {
            "count": count
        }
    context = {
        "verb": BULK[verb], "form": form, "crumb": crumb,
        "action": reverse(f"bulk_{verb}") + kept_query(request),
        "back": reverse("desk") + kept_query(request),
    }  # fmt: skip
    response = render(request, "tickets/verb.html", context, status=status)
    return shown_in_dialog(response) if status != 200 else response


def _started(request: SignedInRequest, run: BulkRun) -> HttpResponse:
    """Done at once: back to the list. Long, or not all done: the page of the run."""
    back = reverse("desk") + kept_query(request)
    page = reverse("bulk_run", args=[run.pk])
    if is_small(run):
        now = timezone.now()
        while actions.continue_bulk_run(run, now=now):
            pass
        done = counts_of(run)[BulkItem.State.DONE]
        if done == run.items.count() and not run.not_found:
            text = ngettext("Done on %(count)s ticket", "Done on %(count)s tickets", done)
            add_toast(request, text % {"count": done}, undo_url=reverse("bulk_undo", args=[run.pk]))
            return redirect(back)
    return _leave_to(request, page)


def _leave_to(request: SignedInRequest, page: str) -> HttpResponse:
    """Another page altogether, also when htmx asked."""
    return HttpResponseClientRedirect(page) if request.htmx else redirect(page)


# ---- runs ---------------------------------------------------------------------------------------


@login_required
@require_GET
def bulk_runs(request: SignedInRequest) -> HttpResponse:
    """One's own newest runs."""
    require(request.user, *WORKERS)
    runs = BulkRun.objects.of(request.user).select_related("undo_of").order_by("-id")[:RUNS_SHOWN]
    counts = counts_of_all(runs)
    rows = [{"run": run, "said": run_said(run), **_progress(run, counts[run.pk])} for run in runs]
    return render(request, "tickets/bulk_runs.html", {"rows": rows})


@login_required
@require_GET
def bulk_run(request: SignedInRequest, pk: int) -> HttpResponse:
    """A run: how far it is, what was refused and why, and its undo. Asked by htmx, the progress."""
    run = _own_run(request, pk)
    refused = run.items.filter(state=BulkItem.State.REFUSED).select_related("ticket")
    page = Paginator(refused.order_by("ticket_id"), LISTED).get_page(request.GET.get("page"))
    context = {
        "run": run,
        "said": run_said(run),
        "refused": [{"item": item, "why": why(item.problems)} for item in page],
        "page": page,
        "poll_url": "" if run.finished_at else reverse("bulk_run", args=[run.pk]),
        "undone_by": run.undone_by.first(),
        **_progress(run, counts_of(run)),
    }
    return render(request, "tickets/bulk_run.html", context)


def _progress(run: BulkRun, counts: Mapping[str, int]) -> dict[str, Any]:
    total = sum(counts.values()) + len(run.not_found)
    refused = counts[BulkItem.State.REFUSED] + len(run.not_found)
    return {
        "done": counts[BulkItem.State.DONE],
        "refused_count": refused,
        "left": counts[BulkItem.State.LEFT],
        "worked_off": total - counts[BulkItem.State.WAITING],
        "total": total,
    }


@login_required
@require_POST
@once_only
def bulk_stop(request: SignedInRequest, pk: int) -> HttpResponse:
    """Leave out what still waits."""
    run = _own_run(request, pk)
    actions.stop_bulk_run(run, acting_user=request.user, now=timezone.now())
    add_toast(request, _now("Stopped. What was done stays done."))
    return redirect("bulk_run", run.pk)


@login_required
@require_POST
@once_only
def bulk_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a whole run back."""
    run = _own_run(request, pk)
    try:
        back = actions.undo_bulk_run(run, acting_user=request.user, now=timezone.now())
    except Refused as refusal:
        words = why([{"message": p.message, "remedy": p.remedy} for p in refusal.problems])
        add_toast(request, _now("Not undone. %(why)s") % {"why": words}, tone="seal")
        return redirect("bulk_run", run.pk)
    if is_small(back):
        while actions.continue_bulk_run(back, now=timezone.now()):
            pass
        if counts_of(back)[BulkItem.State.DONE] == back.items.count():
            add_toast(request, _now("Undone"))
            return redirect(next_address(request, _page(run)))
    return _leave_to(request, _page(back))


def _page(run: BulkRun) -> str:
    return reverse("bulk_run", args=[run.pk])


def _own_run(request: SignedInRequest, pk: int) -> BulkRun:
    """A run is its starter's alone; anybody else gets 404."""
    runs = BulkRun.objects.of(request.user).select_related("started_by", "undo_of")
    return get_object_or_404(runs, pk=pk)
