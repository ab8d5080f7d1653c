"""Manual pages from a ticket: find and link one, flag it wrong, draft one from the answer; and the
tickets a page answered.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.access import rights_of
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from docs_portal.access import pages_for_requester
from docs_portal.access.debt import get_page_to_judge
from docs_portal.actions import draft_from_answer, say_of_page
from docs_portal.models import Page
from docs_portal.policies import may_write
from tickets.access import get_ticket_for_edit
from tickets.actions import edit_ticket
from tickets.forms.manual_pages import PageWrongForm
from tickets.models import Ticket
from tickets.policies import allowed_verbs
from tickets.search.debt import seed_from
from tickets.views.answers import kept_query, shown_in_dialog, typed, undo_url
from tickets.views.requests import SignedInRequest

OFFERED = 8
LISTED = 50


@login_required
@require_GET
def ticket_pages(request: SignedInRequest, pk: int) -> HttpResponse:
    """Pages of the product that the *requester* can read, nearest to the words; one is linked."""
    ticket = get_ticket_for_edit(request.user, pk)
    query = typed(request, "words", 200)
    day = timezone.localdate()
    found = pages_for_requester(
        ticket.requester, query or ticket.title, ticket.product, day, OFFERED
    )
    kept = kept_query(request)
    context = {
        "ticket": ticket,
        "pages": found,
        "query": query,
        "action": reverse("ticket_pages", args=[pk]) + kept,
        "edit_url": reverse("ticket_edit", args=[pk]) + kept,
        "back": reverse("ticket", args=[pk]) + kept,
        "may_edit": "edit" in allowed_verbs(ticket, request.user),
    }
    return render(request, "tickets/page_pick.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def ticket_page_wrong(request: SignedInRequest, pk: int) -> HttpResponse:
    """Tell the writer of the linked page that it is wrong, with the ticket as the evidence."""
    ticket = get_ticket_for_edit(request.user, pk)
    page = ticket.answer_page
    if page is None:
        raise Http404
    kept = kept_query(request)
    back = reverse("ticket", args=[pk]) + kept
    form = PageWrongForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            say_of_page(
                page, is_helpful=False, ticket_id=ticket.pk, acting_user=request.user,
                now=timezone.now(), **form.cleaned_data,
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("The writer of “%(title)s” is told.") % {"title": page.title})
            return redirect(back)
    context = {
        "ticket": ticket, "page": page, "form": form, "back": back,
        "action": reverse("ticket_page_wrong", args=[pk]) + kept,
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    response = render(request, "tickets/page_wrong.html", context, status=status)
    return shown_in_dialog(response) if status == 422 and request.htmx else response


@login_required
@require_POST
@once_only
def ticket_page_draft(request: SignedInRequest, pk: int) -> HttpResponse:
    """A draft page from the public answers; where nothing was said of a page, a gap is noted."""
    ticket = get_ticket_for_edit(request.user, pk)
    if not may_write(request.user, ticket.product_id):
        raise PermissionDenied
    now = timezone.now()
    page = draft_from_answer(
        ticket.pk, seed_from(ticket), ticket.product, acting_user=request.user, now=now
    )
    undo = ""
    if (
        not ticket.answer_page_id
        and not ticket.answer_gap
        and "edit" in allowed_verbs(ticket, request.user)
    ):
        edit_ticket(ticket, {"answer_gap": True}, acting_user=request.user, now=now)
        undo = undo_url(ticket, request.user, now)
    add_toast(
        request, _("A draft from %(ref)s; names and figures of the person do not belong here.")
        % {"ref": ticket.ref}, undo_url=undo,
    )  # fmt: skip
    return redirect("page_edit", page.pk)


def page_context(ticket: Ticket, request: SignedInRequest) -> dict[str, Any]:
    """What a ticket's related column says of pages, besides those it offers."""
    return {
        "answer_page": ticket.answer_page if ticket.answer_page_id else None,
        "may_draft": may_write(request.user, ticket.product_id)
        and ticket.first_response_at is not None
        and not ticket.confidential
        and not ticket.answer_page_id,
    }


@login_required
@require_GET
def page_answered(request: SignedInRequest, pk: int) -> HttpResponse:
    """How many tickets a page answered; a part of the page, asked for once it is seen."""
    page = get_page_to_judge(request.user, pk, timezone.localdate())
    is_staff = rights_of(request.user).is_staff
    tickets = Ticket.objects.filter(answer_page=page)
    seen = tickets.on_desk_of(request.user) if is_staff else tickets
    context = {"page": page, "count": seen.count(), "is_staff": is_staff}
    return render(request, "tickets/parts/page_answered.html", context)


@login_required
@require_GET
def page_tickets(request: SignedInRequest, pk: int) -> HttpResponse:
    """The tickets a page answered, those of the reader's products, the newest first."""
    if not rights_of(request.user).is_staff:
        raise PermissionDenied
    page = get_object_or_404(
        Page.objects.visible_to(request.user, timezone.localdate()).select_related(
            "manual__product"
        ),
        pk=pk,
    )
    tickets = Ticket.objects.on_desk_of(request.user).filter(answer_page=page)
    before = typed(request, "before", 18)
    shown = tickets.filter(pk__lt=int(before)) if before.isdecimal() else tickets
    rows = list(shown.select_related("product", "department").order_by("-pk")[: LISTED + 1])
    context = {
        "page": page,
        "total": tickets.count(),
        "rows": rows[:LISTED],
        "more": f"?before={rows[LISTED - 1].pk}" if len(rows) > LISTED else "",
        "now": timezone.now(),
    }
    return render(request, "tickets/page_tickets.html", context)
