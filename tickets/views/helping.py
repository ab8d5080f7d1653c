"""Help before submit: what may help with the words typed so far, and "this solved it"."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from catalog.models import Product
from core.registry import Suggestion, suggestion_providers
from docs_portal.models import Page
from tickets.actions import Found, note_help, say_solved, take_back_solved
from tickets.choices import HelpPlace
from tickets.models import Cause, HelpSession, SelfService
from tickets.policies.self_service import is_held_out
from tickets.suggest import KnownIssueSuggestions
from tickets.views.answers import typed
from tickets.views.requests import SignedInRequest

SHOWN = 3
#: Asked of each provider, so that those of the chosen product can come first.
ASKED = 9
#: Words longer than this add nothing to a suggestion.
QUERY_MAX = 300
PAGES, ISSUES, DEMANDS = "pages", KnownIssueSuggestions.name, "demands"


@dataclass
class _Groups:
    """What was found, by kind; pages and issues with the product of each."""

    issues: list[Cause]
    pages: list[Suggestion]
    products: dict[str, int]
    others: list[tuple[str, str, list[Suggestion]]]


@login_required
@require_GET
def submit_suggestions(request: SignedInRequest) -> HttpResponse:
    """What may help with the words typed so far: known issues, my pages, open demands.

    Who is held out is shown no pages; whoever types for a colleague is not counted.
    """
    query = typed(request, "description", QUERY_MAX)
    in_form = request.headers.get("HX-Trigger") == "id_description"
    chosen = _chosen(typed(request, "product", 20))
    found = _found(request.user, query, chosen)
    held_out = is_held_out(request.user.username)
    session = None
    if query and not typed(request, "requester", 200):
        session = note_help(
            _ids(found, chosen), place=HelpPlace.FORM if in_form else HelpPlace.HOME,
            is_held_out=held_out, acting_user=request.user, now=timezone.now(),
        )  # fmt: skip
    pages = [] if held_out else found.pages
    context = {
        "pages": pages,
        "issues": found.issues,
        "others": [(label, shown) for _name, label, shown in found.others],
        "query": query,
        "count": len(pages) + len(found.issues) + sum(len(shown) for *_, shown in found.others),
        "in_form": in_form,
        "session": session,
        "product_known": chosen is not None,
    }
    return render(request, "tickets/parts/suggestions.html", context)


def _found(user: User, query: str, chosen: int | None) -> _Groups:
    """Three of each kind, those of the chosen product first."""
    if not query:
        return _Groups([], [], {}, [])
    issues = KnownIssueSuggestions().causes(query, ASKED)
    issues.sort(key=lambda cause: chosen is not None and cause.product_id != chosen)
    pages: list[Suggestion] = []
    products: dict[str, int] = {}
    others = []
    for provider in suggestion_providers():
        if provider.name == PAGES:
            pages = provider.search(user, query, ASKED)
            products = _products_of(pages)
            pages.sort(key=lambda page: chosen is not None and products.get(page.ref) != chosen)
        elif provider.name != ISSUES and (shown := provider.search(user, query, SHOWN)):
            others.append((provider.name, provider.label(), shown))
    return _Groups(issues[:SHOWN], pages[:SHOWN], products, others)


def _products_of(pages: list[Suggestion]) -> dict[str, int]:
    if not pages:
        return {}
    found = Page.objects.filter(pk__in=[page.ref for page in pages])
    return {str(pk): product for pk, product in found.values_list("pk", "manual__product_id")}


def _ids(found: _Groups, chosen: int | None) -> Found:
    demands = [
        int(one.ref.removeprefix("D-"))
        for name, _label, shown in found.others
        if name == DEMANDS
        for one in shown
        if one.ref.removeprefix("D-").isdecimal()
    ]
    return Found(
        pages=[int(page.ref) for page in found.pages],
        issues=[issue.pk for issue in found.issues],
        demands=demands,
        products=[
            *(issue.product_id for issue in found.issues),
            *(found.products[page.ref] for page in found.pages if page.ref in found.products),
        ],
        chosen=chosen,
    )


def _chosen(value: str) -> int | None:
    """The product a form names by its id; None for none, or "other / not sure"."""
    if not value.isdecimal() or len(value) > 18:
        return None
    products = Product.objects.filter(pk=int(value), is_active=True, is_other=False)
    return products.values_list("pk", flat=True).first()


@login_required
@require_POST
def help_solved(request: SignedInRequest, pk: int) -> HttpResponse:
    """ "This solved it", of one thing of the person's own session."""
    session = get_object_or_404(HelpSession, pk=pk, person=request.user)
    ref = request.POST.get("ref", "").removeprefix("D-")
    said = say_solved(
        session, request.POST.get("kind", "")[:12], int(ref) if _is_id(ref) else 0,
        acting_user=request.user, now=timezone.now(),
    )  # fmt: skip
    if not request.htmx:
        return redirect("help_home")
    return render(request, "tickets/parts/solved.html", {"said": said, "session": session})


def _is_id(value: str) -> bool:
    return value.isdecimal() and len(value) < 19


@login_required
@require_POST
def help_solved_take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """It did not solve it after all: the form goes on where it was."""
    said = get_object_or_404(SelfService, session_id=pk, person=request.user)
    take_back_solved(said, acting_user=request.user, now=timezone.now())
    if not request.htmx:
        return redirect("submit")
    return render(request, "tickets/parts/solved.html", {"said": None, "session": said.session})
