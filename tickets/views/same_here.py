"""我也遇到 (same here): join a known issue, and answer for oneself whether it works."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from tickets import actions
from tickets.access import get_cause_for_edit, get_known_issue, get_own_same_here
from tickets.choices import SameHereState
from tickets.forms.same_here import BecauseForm, SameHereForm
from tickets.models import SameHere, SubmitDraft
from tickets.views.answers import typed
from tickets.views.requests import SignedInRequest


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def same_here(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say so in one's own words; sent from the submit form, what was typed there are the words."""
    cause = get_known_issue(request.user, pk)
    there = cause.same_heres.filter(person=request.user, state__in=("waiting", "asked")).first()
    if there is not None and request.method == "GET":
        return redirect("my_same_here", there.pk)
    if request.method == "GET":
        form = SameHereForm(user=request.user, initial={"words": typed(request, "words", 2000)})
        return render(request, "tickets/same_here.html", {"cause": cause, "form": form})
    sent = request.POST.copy()
    sent.setdefault("words", sent.get("description", ""))
    form = SameHereForm(sent, user=request.user)
    if form.is_valid():
        try:
            row = actions.same_here(
                cause, form.cleaned_data["words"], person=form.cleaned_data.get("person"),
                acting_user=request.user, now=timezone.now(),
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            _forget_draft(request)
            add_toast(request, _("You are counted in; you are told when it is fixed."))
            own = row.person_id == request.user.pk
            return redirect("my_same_here", row.pk) if own else redirect("help_home")
    context = {"cause": cause, "form": form}
    return render(request, "tickets/same_here.html", context, status=422)


def _forget_draft(request: SignedInRequest) -> None:
    """What was begun as a ticket has become this: the draft is done with."""
    given = request.POST.get("draft", "")
    if given.isdecimal() and len(given) < 19:
        draft = SubmitDraft.objects.filter(pk=int(given), person=request.user).first()
        if draft is not None:
            actions.discard_submit_draft(draft, acting_user=request.user)


@login_required
@require_GET
def my_same_here(request: SignedInRequest, pk: int) -> HttpResponse:
    """How it stands: the workaround, the expected date, my words, and the question once fixed."""
    return _page(request, get_own_same_here(request.user, pk), BecauseForm())


def _page(
    request: SignedInRequest, row: SameHere, form: BecauseForm, status: int = 200
) -> HttpResponse:
    context = {
        "row": row, "cause": row.cause, "why": form, "now": timezone.now(),
        "is_asked": row.state == SameHereState.ASKED,
    }  # fmt: skip
    return render(request, "tickets/my_same_here.html", context, status=status)


@login_required
@require_POST
@once_only
def my_same_here_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    """It works for me."""
    row = get_own_same_here(request.user, pk)
    try:
        actions.confirm_same_here(row, acting_user=request.user, now=timezone.now())
    except Refused as refusal:
        return _refused(request, row, refusal)
    add_toast(request, _("Thank you. It is noted that it works for you."))
    return redirect("my_same_here", pk)


@login_required
@require_POST
@once_only
def my_same_here_refuse(request: SignedInRequest, pk: int) -> HttpResponse:
    """It doesn't, because …: a ticket of the same cause, in my words."""
    row = get_own_same_here(request.user, pk)
    form = BecauseForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form, status=422)
    try:
        row = actions.refuse_same_here(
            row, form.cleaned_data["because"], acting_user=request.user, now=timezone.now()
        )
    except Refused as refusal:
        return _refused(request, row, refusal)
    add_toast(request, _("It goes on as a ticket of yours."))
    return redirect("my_ticket", row.led_to_id)


@login_required
@require_POST
@once_only
def my_same_here_take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """I do not have it after all."""
    row = get_own_same_here(request.user, pk)
    try:
        actions.take_back_same_here(row, acting_user=request.user, now=timezone.now())
    except Refused as refusal:
        return _refused(request, row, refusal)
    add_toast(request, _("Taken back; you are no longer counted."))
    return redirect("my_same_here", pk)


def _refused(request: SignedInRequest, row: SameHere, refusal: Refused) -> HttpResponse:
    form = BecauseForm({"because": ""})
    form.full_clean()
    form.errors.clear()
    add_refusal(form, refusal)
    return _page(request, row, form, status=refusal.status)


@login_required
@require_POST
@once_only
def cause_ask_same_heres(request: SignedInRequest, pk: int) -> HttpResponse:
    """Staff verified the fix: everybody who said "same here" is asked."""
    cause = get_cause_for_edit(request.user, pk)
    try:
        asked = actions.ask_whether_it_works(cause, acting_user=request.user, now=timezone.now())
    except Refused as refusal:
        add_toast(request, str(refusal.problems[0].message), tone="seal")
    else:
        add_toast(request, _("%(count)s people are asked whether it works.") % {"count": asked})
    return redirect("cause", pk)
