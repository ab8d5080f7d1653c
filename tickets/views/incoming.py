"""Messages from outside that wait for somebody, and what became of the others."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.db.models.fields.json import KeyTransform
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from catalog.access import rights_of
from catalog.forms.settings import PEOPLE_LIST, person_text
from catalog.views.pages import side
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.serving import served
from core.toasts import add_toast
from tickets.access import get_incoming_for_edit, incoming_for_edit
from tickets.choices import IncomingState
from tickets.forms.mailboxes import DiscardForm, TryAgainForm
from tickets.incoming.preview import preview_of, source_names
from tickets.incoming.reasons import reason_of, told
from tickets.incoming.waiting import discard, try_again
from tickets.models import IncomingMessage
from tickets.views.requests import SignedInRequest

SHOWN = 50
_WAITING = (IncomingState.HELD, IncomingState.FAILED, IncomingState.RECEIVED)
_TABS = {
    "waiting": _WAITING,
    "skipped": (IncomingState.SKIPPED,),
    "done": (IncomingState.DONE,),
}


@login_required
@require_safe
def incoming(request: SignedInRequest) -> HttpResponse:
    """What waits, what was skipped, what became a ticket; the newest first."""
    messages = incoming_for_edit(request.user)
    chosen = request.GET.get("state", "")
    tab = chosen if chosen in _TABS else "waiting"
    before = request.GET.get("before", "")
    shown = messages.filter(state__in=_TABS[tab]).select_related("ticket", "person")
    if before.isdecimal() and len(before) < 19:
        shown = shown.filter(pk__lt=int(before))
    shown = shown.annotate(why=KeyTransform("why", "data"))
    rows = list(shown.defer("data").order_by("-pk")[: SHOWN + 1])
    names = source_names(row.source for row in rows)
    there = {
        "side": _side(request),
        "tabs": _tabs(tab, messages.aggregate(n=Count("pk", filter=Q(state__in=_WAITING)))["n"]),
        "rows": [
            {"message": row, "source": names[row.source], "reason": told(row.error, row.why)}
            for row in rows[:SHOWN]
        ],
        "older": rows[SHOWN - 1].pk if len(rows) > SHOWN else None,
        "administers": rights_of(request.user).is_administrator,
    }
    return render(request, "tickets/incoming.html", there)


def _tabs(current: str, waiting: int) -> list[dict[str, Any]]:
    labels = {"waiting": _("Waiting"), "skipped": _("Nothing made of it"), "done": _("Done")}
    return [
        {
            "label": label, "url": f"{reverse('incoming')}?state={name}",
            "current": name == current,
            "count": waiting if name == "waiting" and waiting else None,
        }
        for name, label in labels.items()
    ]  # fmt: skip


def people_suggested() -> list[str]:
    """People as the field of a person reads them; anybody else is found by the user name."""
    return [person_text(one) for one in User.objects.working_here().order_by("name")[:300]]


def _side(request: SignedInRequest) -> list[dict[str, Any]]:
    """The settings beside the page, for those who have them."""
    return side(request) if rights_of(request.user).is_administrator else []


@login_required
@require_safe
def incoming_message(request: SignedInRequest, pk: int) -> HttpResponse:
    """One message: what it says, what became of it, what can be done."""
    return _page(request, get_incoming_for_edit(request.user, pk), TryAgainForm(), DiscardForm())


@login_required
@require_POST
@once_only
def incoming_try_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have it handled once more, maybe as the words of somebody."""
    message = get_incoming_for_edit(request.user, pk)
    form = TryAgainForm(request.POST)
    if form.is_valid():
        try:
            try_again(
                message, form.cleaned_data["person"], acting_user=request.user, now=timezone.now()
            )
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("It is handled again."))
            return redirect("incoming")
    return _page(request, message, form, DiscardForm(), status=422)


@login_required
@require_POST
@once_only
def incoming_discard(request: SignedInRequest, pk: int) -> HttpResponse:
    """Lay it aside, with the reason."""
    message = get_incoming_for_edit(request.user, pk)
    form = DiscardForm(request.POST)
    if form.is_valid():
        try:
            discard(
                message, form.cleaned_data["reason"], acting_user=request.user, now=timezone.now()
            )
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("It is laid aside; nothing is lost."))
            return redirect("incoming")
    return _page(request, message, TryAgainForm(), form, status=422)


@login_required
@require_safe
def incoming_raw(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The message as it came, to be opened with a mail program."""
    message = get_incoming_for_edit(request.user, pk)
    if message.raw is None:
        return redirect("incoming_message", pk)
    ending = "eml" if message.channel == "mail" else "json"
    return served(
        request,
        message.raw,
        name=f"message-{message.pk}.{ending}",
        content_type="application/octet-stream",
    )


def _page(
    request: SignedInRequest, message: IncomingMessage, again: TryAgainForm, aside: DiscardForm,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    there = {
        "side": _side(request),
        "message": message,
        "source": source_names([message.source])[message.source],
        "preview": preview_of(message),
        "reason": reason_of(message),
        "again": again,
        "aside": aside,
        "may_try": message.state in (
            IncomingState.HELD, IncomingState.FAILED, IncomingState.SKIPPED
        ),
        "may_discard": message.state in (IncomingState.HELD, IncomingState.FAILED),
        "crumbs": [{"label": _("Incoming"), "url": reverse("incoming")}],
        "people": people_suggested(),
        "people_list": PEOPLE_LIST,
    }  # fmt: skip
    return render(request, "tickets/incoming_message.html", there, status=status)
