"""Submit a ticket, with suggestions beside the form that are never in the way."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from catalog.access import require
from catalog.choices import PermissionRole
from catalog.models import Product
from core.customfields import PREFIX
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.registry import suggestion_providers
from core.toasts import add_toast
from tickets.actions import submit_ticket
from tickets.forms.fields import shown_person
from tickets.forms.submit import SubmitForm
from tickets.views.answers import typed
from tickets.views.requests import SignedInRequest

SUGGESTIONS_PER_KIND = 3
#: Words longer than this add nothing to a suggestion.
QUERY_MAX = 300
PEOPLE_SHOWN = 12


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def submit(request: SignedInRequest) -> HttpResponse:
    """The form; sent, a new ticket and its page. "Show its modules" redraws it without scripts."""
    sent = request.method == "POST" and "redraw" not in request.POST
    if not sent:
        form = SubmitForm(user=request.user, **_preset(request))
        return render(request, "tickets/submit.html", {"form": form})
    form = SubmitForm(request.POST, request.FILES, user=request.user)
    if form.is_valid():
        try:
            ticket = submit_ticket(form.draft(), acting_user=request.user, now=timezone.now())
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("%(ref)s is with product operations") % {"ref": ticket.ref})
            return redirect("my_ticket", ticket.pk)
    return render(request, "tickets/submit.html", {"form": form}, status=422)


def _preset(request: SignedInRequest) -> dict[str, Any]:
    """What the address (or the redrawn form) fills in already."""
    given = request.POST if request.method == "POST" else request.GET
    wanted = given.get("product", "").replace("\x00", "")
    by_key = Q(pk=int(wanted)) if wanted.isdecimal() and len(wanted) < 18 else Q(code=wanted)
    product = Product.objects.filter(by_key, is_active=True).first() if wanted else None
    names = ("description", "title", "impact", "requester", "module")
    kept = [name for name in given if name in names or name.startswith(PREFIX)]
    return {"product": product, "initial": {n: given[n] for n in kept if given.get(n)}}


@login_required
@require_GET
def submit_suggestions(request: SignedInRequest) -> HttpResponse:
    """What may help with the words typed so far: known issues, pages – one group per provider."""
    query = typed(request, "description", QUERY_MAX)
    groups = [
        {"label": provider.label(), "kind": provider.name, "found": found}
        for provider in suggestion_providers()
        if query and (found := provider.search(request.user, query, SUGGESTIONS_PER_KIND))
    ]
    context = {"groups": groups, "query": query, "count": sum(len(g["found"]) for g in groups)}
    return render(request, "tickets/parts/suggestions.html", context)


@login_required
@require_GET
def people_options(request: SignedInRequest) -> HttpResponse:
    """Names for the fields that take a colleague; for staff only."""
    require(request.user, PermissionRole.AGENT, PermissionRole.MANAGER)
    query = typed(request, "people", 60)
    people = User.objects.working_here().filter(
        Q(name__icontains=query) | Q(username__istartswith=query)
    )
    names = [shown_person(person) for person in people.order_by("name")[:PEOPLE_SHOWN]]
    return render(request, "tickets/parts/people.html", {"names": names if query else []})
