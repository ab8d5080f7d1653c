"""Settings of mailboxes: which there are, one of them, whether it can be read."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in
from catalog.forms.settings import PEOPLE_LIST
from catalog.views.pages import administrators_only, side
from core.errors import Refused, StaleWrite
from core.formkeys import once_only
from core.models import OutboxRow
from core.toasts import add_toast
from tickets.actions.mailboxes import create_mailbox, edit_mailbox, try_mailbox
from tickets.forms.mailboxes import MailboxForm
from tickets.models import Mailbox
from tickets.views.incoming import people_suggested


@administrators_only
@require_safe
def settings_mailboxes(request: HttpRequest) -> HttpResponse:
    """Every mailbox and how reading it went last."""
    there = {
        "side": side(request),
        "mailboxes": Mailbox.objects.select_related("product"),
    }
    return render(request, "tickets/mailboxes.html", there)


@sensitive_post_parameters("secret")
@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def settings_mailboxes_new(request: HttpRequest) -> HttpResponse:
    return _answer(request, None, MailboxForm(request.POST if request.method == "POST" else None))


@sensitive_post_parameters("secret")
@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def settings_mailboxes_edit(request: HttpRequest, pk: int) -> HttpResponse:
    mailbox = get_object_or_404(Mailbox.objects.select_related("product", "stand_in"), pk=pk)
    form = MailboxForm(
        request.POST if request.method == "POST" else None, row=mailbox,
        initial=MailboxForm.initial_of(mailbox),
    )  # fmt: skip
    return _answer(request, mailbox, form)


def _answer(request: HttpRequest, mailbox: Mailbox | None, form: MailboxForm) -> HttpResponse:
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        now, user, fields = timezone.now(), signed_in(request), form.fields_of_row()
        try:
            if mailbox is None:
                saved = create_mailbox(fields, acting_user=user, now=now)
            else:
                saved = edit_mailbox(
                    mailbox, fields, acting_user=user, now=now,
                    seen_version=form.cleaned_data["version"],
                )  # fmt: skip
        except Refused as refusal:
            form.show_refusal(refusal)
            status = 409 if isinstance(refusal, StaleWrite) else 422
        else:
            add_toast(request, _("Saved. OpsDesk looks whether it can be read."))
            return _tried(saved)
    there = {
        "side": side(request),
        "mailbox": mailbox,
        "form": form,
        "trial": _trial(mailbox, request.GET.get("trial", "")) if mailbox is not None else None,
        "people": people_suggested(),
        "people_list": PEOPLE_LIST,
        "crumbs": [{"label": _("Mailboxes"), "url": reverse("settings_mailboxes")}],
    }
    return render(request, "tickets/mailbox_edit.html", there, status=status)


@administrators_only
@require_POST
@once_only
def settings_mailboxes_try(request: HttpRequest, pk: int) -> HttpResponse:
    """Look now whether the mailbox can be read."""
    return _tried(get_object_or_404(Mailbox, pk=pk))


def _tried(mailbox: Mailbox) -> HttpResponse:
    key = try_mailbox(mailbox, now=timezone.now())
    page = reverse("settings_mailboxes_edit", args=[mailbox.pk])
    return redirect(f"{page}?trial={key.rpartition(':')[2]}")


@administrators_only
@require_safe
def settings_mailboxes_state(request: HttpRequest, pk: int) -> HttpResponse:
    """How reading went last: the fragment that asks again while a worker looks."""
    mailbox = get_object_or_404(Mailbox, pk=pk)
    there = {"mailbox": mailbox, "trial": _trial(mailbox, request.GET.get("trial", ""))}
    return render(request, "tickets/parts/mailbox_state.html", there)


def _trial(mailbox: Mailbox, trial: str) -> str:
    """The trial a worker has not finished; "" when there is none."""
    if not trial.isdecimal():
        return ""
    rows = OutboxRow.objects.filter(
        key=f"mailbox-try:{mailbox.pk}:{trial[:20]}", done_at__isnull=True, failed_at__isnull=True
    )
    return trial[:20] if rows.exists() else ""
