"""Macros: one's own, everybody's in the settings, and using one on a ticket."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.access import rights_of
from catalog.views.pages import side
from core.errors import NotAllowed, Refused, StaleWrite
from core.formkeys import once_only
from core.toasts import add_toast
from tickets import actions
from tickets.access import get_ticket_for_staff
from tickets.forms.macros import MacroForm, SharedMacroForm, UseMacroForm
from tickets.models import Macro, Ticket
from tickets.querysets import MacroQuerySet
from tickets.rendering.acts import act_said
from tickets.rendering.conversation import text_html
from tickets.rendering.macros import VARIABLES, empty_names, text_for
from tickets.views.answers import (
    kept_query,
    next_address,
    shown_in_dialog,
    stale_answer,
    typed,
    undo_url,
)
from tickets.views.requests import SignedInRequest
from tickets.views.verbs import show_refusal

OFFERED = 50


def _kept_by(request: SignedInRequest, shared: bool) -> MacroQuerySet:
    """The macros this person keeps here; 403 for whoever keeps none."""
    if shared:
        if not actions.may_share(request.user):
            raise PermissionDenied
        return Macro.objects.filter(owner=None)
    rights = rights_of(request.user)
    if not (rights.is_staff or rights.is_owner or rights.team_ids):
        raise PermissionDenied
    return Macro.objects.filter(owner=request.user)


def _frame(request: SignedInRequest, shared: bool) -> dict[str, Any]:
    is_settings = shared and rights_of(request.user).is_administrator
    return {
        "shared": shared,
        "side": side(request) if is_settings else [],
        "list_url": reverse("shared_macros" if shared else "macros"),
        "new_url": reverse("shared_macro_new" if shared else "macro_new"),
    }


@login_required
@require_GET
def macro_list(request: SignedInRequest, shared: bool) -> HttpResponse:
    """What one keeps, most used first."""
    kept = _kept_by(request, shared).filter(is_active=True).select_related("team")
    name = "shared_macro" if shared else "macro"
    rows = [
        {"macro": macro, "url": reverse(name, args=[macro.pk]),
         "acts": [act_said(act["verb"], act["params"]) for act in macro.acts]}
        for macro in kept.order_by("-uses", "name", "pk")
    ]  # fmt: skip
    context = {**_frame(request, shared), "rows": rows, "now": timezone.now()}
    return render(request, "tickets/macros.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def macro_edit(request: SignedInRequest, shared: bool, pk: int | None = None) -> HttpResponse:
    """Write a macro, new or again."""
    kept = _kept_by(request, shared)
    macro = get_object_or_404(kept, pk=pk, is_active=True) if pk else None
    kind = SharedMacroForm if shared else MacroForm
    initial = kind.initial_of(macro) if macro else {"kind": "public"}
    form = kind(request.POST or None, row=macro, initial=initial)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        said: dict[str, Any] = {"acting_user": request.user, "now": timezone.now()}
        try:
            if macro is None:
                owner = None if shared else request.user
                macro = actions.create_macro(Macro(owner=owner, **form.fields_of_row()), **said)
            else:
                macro = actions.edit_macro(
                    macro, form.fields_of_row(), seen_version=form.cleaned_data["version"], **said
                )
        except NotAllowed:
            raise
        except Refused as refusal:
            form.show_refusal(refusal)
            status = 409 if isinstance(refusal, StaleWrite) else 422
        else:
            add_toast(request, _("“%(name)s” is saved.") % {"name": macro})
            return redirect(_frame(request, shared)["list_url"])
    context = {
        **_frame(request, shared), "macro": macro, "form": form, "variables": VARIABLES,
        "retire_url": _verb_url("retire", shared, macro),
    }  # fmt: skip
    return render(request, "tickets/macro_edit.html", context, status=status)


def _verb_url(verb: str, shared: bool, macro: Macro | None) -> str:
    name = f"{'shared_' if shared else ''}macro_{verb}"
    return reverse(name, args=[macro.pk]) if macro else ""


@login_required
@require_POST
@once_only
def macro_retire(request: SignedInRequest, shared: bool, pk: int) -> HttpResponse:
    """Offer it no more, with an undo."""
    macro = get_object_or_404(_kept_by(request, shared), pk=pk)
    actions.retire_macro(macro, acting_user=request.user, now=timezone.now())
    add_toast(
        request, _("“%(name)s” is removed.") % {"name": macro},
        undo_url=_verb_url("bring_back", shared, macro),
    )  # fmt: skip
    return redirect(_frame(request, shared)["list_url"])


@login_required
@require_POST
@once_only
def macro_bring_back(request: SignedInRequest, shared: bool, pk: int) -> HttpResponse:
    """The undo of removing it."""
    macro = get_object_or_404(_kept_by(request, shared), pk=pk)
    actions.bring_back_macro(macro, acting_user=request.user, now=timezone.now())
    add_toast(request, _("“%(name)s” is saved.") % {"name": macro})
    return redirect(_frame(request, shared)["list_url"])


# ---- using one ----------------------------------------------------------------------------------


@login_required
@require_GET
def ticket_macros(request: SignedInRequest, pk: int) -> HttpResponse:
    """The macros this person may use on a ticket, found by name or words; most used first."""
    ticket = get_ticket_for_staff(request.user, pk)
    macros = Macro.objects.offered_to(request.user).select_related("team")
    query = typed(request, "words", 80)
    if query:
        macros = macros.matching(query)
    context = {
        "ticket": ticket,
        "query": query,
        "kept": kept_query(request),
        "action": reverse("ticket_macros", args=[pk]),
        "back": reverse("ticket", args=[pk]) + kept_query(request),
        "macros": macros.order_by("-uses", "name", "pk")[:OFFERED],
    }
    return render(request, "tickets/macro_pick.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def ticket_macro(request: SignedInRequest, pk: int, macro: int) -> HttpResponse:
    """A macro before it is sent: as it will read, what it changes, what is refused; and sent."""
    ticket = get_ticket_for_staff(request.user, pk)
    chosen = get_object_or_404(Macro.objects.offered_to(request.user), pk=macro)
    now = timezone.now()
    back = next_address(request, reverse("ticket", args=[pk]) + kept_query(request))
    action = reverse("ticket_macro", args=[pk, macro]) + kept_query(request)
    if request.method != "POST":
        return _preview(request, ticket, chosen, action, back)
    form = UseMacroForm(request.POST, macro=chosen, ticket=ticket, user=request.user)
    if form.is_valid():
        data = form.cleaned_data
        try:
            actions.run_macro(
                ticket, chosen, data["body"], seen_comment=data["seen_comment"],
                seen_version=data["version"], invited=data["invited"], acting_user=request.user,
                now=now,
            )  # fmt: skip
        except StaleWrite as stale:
            return stale_answer(request, ticket, form, stale, action=action, back=back)
        except Refused as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            show_refusal(form, refusal)
        else:
            said = _("“%(name)s” was used") % {"name": chosen}
            add_toast(request, said, undo_url=undo_url(ticket, request.user, now))
            return redirect(back)
    return _preview(request, ticket, chosen, action, back, form)


def _preview(
    request: SignedInRequest, ticket: Ticket, macro: Macro, action: str, back: str,
    form: UseMacroForm | None = None,
) -> HttpResponse:  # fmt: skip
    rehearsal = actions.rehearse_macro(ticket, macro, acting_user=request.user, now=timezone.now())
    if form is None:
        newest = ticket.comments.filter(kind="public").order_by("-pk").values_list("pk", flat=True)
        form = UseMacroForm(
            macro=macro, ticket=ticket, user=request.user,
            initial={"body": rehearsal.text, "seen_comment": newest.first() or 0},
        )  # fmt: skip
    text, language = text_for(macro, ticket)
    context = {
        "ticket": ticket, "macro": macro, "form": form, "action": action, "back": back,
        "rehearsal": rehearsal, "language": language, "html": text_html(rehearsal.text),
        "picker": reverse("ticket_macros", args=[ticket.pk]),
        "empty": empty_names(text, ticket, request.user),
        "steps": [
            {"said": act_said(step.act.verb, step.act.params), "problems": step.problems}
            for step in rehearsal.steps
        ],
    }  # fmt: skip
    response = render(
        request, "tickets/macro_use.html", context, status=422 if form.is_bound else 200
    )
    return shown_in_dialog(response) if form.is_bound else response
