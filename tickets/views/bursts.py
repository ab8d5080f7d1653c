"""The banner of bursts on the desk, and what its buttons do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from catalog.access import require, rights_of
from catalog.choices import PermissionRole
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from tickets.access import get_cause_for_view
from tickets.actions.bursting import (
    attach_later,
    dismiss_burst,
    make_known_issue,
    reply_to_all,
    shown_bursts,
    tickets_in_burst,
)
from tickets.actions.cause_beats import require_staff
from tickets.models import Burst, Ticket
from tickets.views.answers import next_address, shown_in_dialog, with_next
from tickets.views.requests import SignedInRequest

_WORKERS = (PermissionRole.AGENT, PermissionRole.MANAGER)


@dataclass(frozen=True)
class _Verb:
    """What the page of a verb says (`tickets/verb.html`)."""

    title: Any
    lead: Any = ""
    button: Any = ""
    kind: str = "primary"


class KnownIssueForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=160)
    workaround = forms.CharField(
        label=gettext_lazy("Workaround"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=20_000,
        help_text=gettext_lazy("Everybody concerned gets it as a reply in their own ticket."),
    )
    only = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Tickets it is for"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Take the tick off what is about something else."),
    )

    def __init__(self, *args: Any, tickets: Sequence[Ticket], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.TypedMultipleChoiceField", self.fields["only"])
        field.choices = [(one.pk, f"{one.ref} {one.title}") for one in tickets]
        field.initial = [one.pk for one in tickets]


class ReplyToAllForm(forms.Form):
    body = forms.CharField(
        label=gettext_lazy("Reply"), widget=forms.Textarea(attrs={"rows": 5}), max_length=20_000
    )


def _products(user: User) -> frozenset[int] | None:
    """Products whose bursts concern this person; None is every product."""
    rights = rights_of(user)
    found: set[int] = set()
    for role in _WORKERS:
        products = rights.products_as(role)
        if products is None:
            return None
        found |= products
    return frozenset(found)


def _burst(user: User, pk: int) -> Burst:
    """An open or past burst of a product of this person's. Raises Http404, PermissionDenied."""
    require(user, *_WORKERS)
    burst = get_object_or_404(Burst.objects.select_related("module__product", "cause"), pk=pk)
    products = _products(user)
    if products is not None and burst.module.product_id not in products:
        raise Http404
    return burst


@login_required
@require_safe
def desk_bursts(request: SignedInRequest) -> HttpResponse:
    """The banner: what comes in masses now, and what can be done about it with one key."""
    require(request.user, *_WORKERS)
    now = timezone.now()
    bursts = shown_bursts(_products(request.user), request.user, now)
    rows = [{"burst": burst, "later": _later(burst, now)} for burst in bursts]
    return render(request, "tickets/parts/bursts.html", {"rows": rows, "now": now})


def _later(burst: Burst, now: dt.datetime) -> int:
    """Tickets that came after the known issue was made."""
    return len(tickets_in_burst(burst, now)) if burst.cause_id else 0


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def burst_known_issue(request: SignedInRequest, pk: int) -> HttpResponse:
    """Title and workaround: one form, and everybody knows."""
    burst, now = _burst(request.user, pk), timezone.now()
    concerned = tickets_in_burst(burst, now)
    seen = {one.pk for one in Ticket.objects.visible_to(request.user).filter(
        pk__in=[one.pk for one in concerned])}  # fmt: skip
    concerned = [one for one in concerned if one.pk in seen]
    first = {"title": _("%(module)s: many cannot work") % {"module": burst.module}}
    data = request.POST if request.method == "POST" else None
    form = KnownIssueForm(data, tickets=concerned, initial=first)
    if form.is_bound and form.is_valid():
        try:
            cause = make_known_issue(burst, **form.cleaned_data, acting_user=request.user, now=now)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            waiting = len(form.cleaned_data["only"])
            add_toast(request, ngettext(
                "%(ref)s is a known issue; %(n)s ticket is attached and told.",
                "%(ref)s is a known issue; %(n)s tickets are attached and told.", waiting,
            ) % {"ref": cause.ref, "n": waiting})  # fmt: skip
            return redirect(next_address(request, reverse("cause", args=[cause.pk])))
    waiting = len(concerned)
    lead = ngettext(
        "%(n)s ticket is attached to it, and its requester told the workaround.",
        "%(n)s tickets are attached to it, and each requester told the workaround alone.", waiting,
    ) % {"n": waiting}  # fmt: skip
    verb = _Verb(_("Make it a known issue"), lead, _("Make it known and tell everyone"))
    action = reverse("burst_known_issue", args=[pk])
    return _form(request, verb, form, action, str(burst.module), reverse("desk"))


def _form(
    request: SignedInRequest, verb: _Verb, form: forms.Form, action: str, crumb: str, back: str
) -> HttpResponse:
    context = {
        "verb": verb, "form": form, "action": with_next(request, action), "crumb": crumb,
        "back": next_address(request, back),
    }  # fmt: skip
    status = 422 if form.is_bound else 200
    response = render(request, "tickets/verb.html", context, status=status)
    return shown_in_dialog(response) if form.is_bound else response


@login_required
@require_POST
@once_only
def burst_attach(request: SignedInRequest, pk: int) -> HttpResponse:
    """Attach what came since, and tell them too."""
    burst = _burst(request.user, pk)
    count = attach_later(burst, acting_user=request.user, now=timezone.now())
    add_toast(request, ngettext(
        "%(n)s ticket is attached and told.", "%(n)s tickets are attached and told.", count
    ) % {"n": count})  # fmt: skip
    return redirect(next_address(request, reverse("desk")))


@login_required
@require_POST
@once_only
def burst_dismiss(request: SignedInRequest, pk: int) -> HttpResponse:
    dismiss_burst(_burst(request.user, pk), acting_user=request.user, now=timezone.now())
    return redirect(next_address(request, reverse("desk")))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def cause_reply_all(request: SignedInRequest, pk: int) -> HttpResponse:
    """One reply to everybody with a ticket of the cause, each in their own."""
    cause = get_cause_for_view(request.user, pk)
    require_staff(cause.product_id, request.user)
    form = ReplyToAllForm(request.POST if request.method == "POST" else None)
    back = reverse("cause", args=[pk])
    if form.is_bound and form.is_valid():
        key = f"{cause.pk}:{request.POST.get('form_key', '')[:60]}"
        try:
            count = reply_to_all(
                cause, form.cleaned_data["body"], key=key, acting_user=request.user,
                now=timezone.now(),
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, ngettext(
                "%(n)s reply is on its way.", "%(n)s replies are on their way.", count
            ) % {"n": count})  # fmt: skip
            return redirect(next_address(request, back))
    verb = _Verb(
        _("Reply to everyone"),
        _("Each requester gets the reply in their own ticket and sees no other name."),
        _("Send to everyone"),
    )
    action = reverse("cause_reply_all", args=[pk])
    return _form(request, verb, form, action, cause.ref, back)
