"""Submit a ticket, with suggestions beside the form that are never in the way."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from catalog.access import rights_of
from catalog.models import Module, Product
from core.customfields import PREFIX
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from tickets.actions import (
    add_submit_draft_file,
    remove_submit_draft_file,
    save_submit_draft,
    submit_ticket,
)
from tickets.forms.fields import shown_person
from tickets.forms.submit import BROWSER_MAX, SubmitForm, page_address
from tickets.models import SubmitDraft, SubmitDraftFile
from tickets.rendering.browsers import browser_said
from tickets.views.answers import typed
from tickets.views.requests import SignedInRequest

PEOPLE_SHOWN = 12
#: Characters of a name that business users must know of a colleague before names are offered.
PEOPLE_FROM = 2
#: Fields of the form that a draft keeps, besides the custom ones.
DRAFTED = (
    "product", "module", "description", "title", "impact", "requester", "watchers",
    "opened_from", "browser",
)  # fmt: skip
#: Fields an address may fill in; the product and the page come under words of their own.
FILLED_IN = ("description", "title", "impact", "requester", "watchers")


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def submit(request: SignedInRequest) -> HttpResponse:
    """The form; sent, a new ticket and its page. "Show its modules" redraws it without scripts."""
    if request.method != "POST":
        return _page(request, *_opened(request))
    begun = _named_draft(request)
    if "redraw" in request.POST or "leave_out" in request.POST:
        begun = _kept(request, begun)
        form = SubmitForm(user=request.user, begun=begun, **_refilled(request, drafted(request)))
        return _page(request, form, [])
    form = SubmitForm(request.POST, request.FILES, user=request.user, begun=begun)
    if form.is_valid():
        try:
            ticket = submit_ticket(form.draft(), acting_user=request.user, now=timezone.now())
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("%(ref)s is with product operations") % {"ref": ticket.ref})
            return redirect("my_ticket", ticket.pk)
    if request.FILES:
        # A browser forgets chosen files when a form comes back: they wait on the server.
        form.begun = _kept(request, begun)
        form.read_waiting()
    response = _page(request, form, [], status=422)
    response.keeps = bool(request.FILES)  # type: ignore[attr-defined]
    return response


def _page(
    request: SignedInRequest, form: SubmitForm, notes: list[str], status: int = 200
) -> HttpResponse:
    shown = form.context_shown()
    others = SubmitDraft.objects.filter(person=request.user).order_by("-saved_at", "-pk")
    if form.begun is not None:
        others = others.exclude(pk=form.begun.pk)
    context = {
        "form": form,
        "notes": notes,
        "opened_from": shown.get("opened_from", ""),
        "browser": browser_said(shown.get("browser", "")),
        "others": list(others) if not request.headers.get("HX-Request") else [],
        "now": timezone.now(),
    }
    return render(request, "tickets/submit.html", context, status=status)


def _opened(request: SignedInRequest) -> tuple[SubmitForm, list[str]]:
    """The form as the address and the person's draft fill it in, and what could not be used."""
    notes: list[str] = []
    given = request.GET
    product = _product(given.get("product", ""), notes)
    begun = _draft_to_go_on_with(request)
    # A part that is drawn anew brings all its values; of the draft it needs the files only.
    is_part = bool(request.headers.get("HX-Request"))
    values: dict[str, Any] = {} if begun is None or is_part else dict(begun.values)
    if product is not None:
        values.pop("module", None)
    values |= {
        name: given[name]
        for name in given
        if given.get(name) and (name in FILLED_IN or name.startswith(PREFIX))
    }
    module = _module(given.get("module", ""), product or _product(values.get("product", ""), []))
    values |= {"module": module} if module else {}
    values |= _context(request, notes)
    preset = _refilled(request, values)
    if product is not None:
        preset["product"] = product
    return SubmitForm(user=request.user, begun=begun, **preset), notes


def _refilled(request: SignedInRequest, values: dict[str, Any]) -> dict[str, Any]:
    """Arguments of the form that show these values."""
    initial = {name: value for name, value in values.items() if name != "product" and value}
    return {"product": _product(str(values.get("product", "")), []), "initial": initial}


def _product(wanted: str, notes: list[str]) -> Product | None:
    """The product an address names by its code (or id); a note where there is none."""
    wanted = wanted.replace("\x00", "").strip()
    if not wanted:
        return None
    by_key = Q(pk=int(wanted)) if wanted.isdecimal() and len(wanted) < 18 else Q(code=wanted)
    product = Product.objects.filter(by_key, is_active=True).first()
    if product is None:
        notes.append(
            _("The link names a product that is not in use: “%(value)s”. Choose one of the list.")
            % {"value": wanted[:40]}
        )
    return product


def _module(wanted: str, product: Product | None) -> str:
    """The choice of the module an address names by its id or name."""
    wanted = wanted.replace("\x00", "").strip()
    if not wanted or product is None:
        return ""
    if wanted in ("not_sure",):
        return wanted
    named = Q(pk=int(wanted)) if wanted.isdecimal() and len(wanted) < 18 else Q(name=wanted)
    found = Module.objects.filter(named, product=product, is_active=True).first()
    return str(found.pk) if found is not None else ""


def _context(request: SignedInRequest, notes: list[str]) -> dict[str, str]:
    """The page a link says the person comes from, and with it their browser."""
    given = request.GET.get("page", "").replace("\x00", "").strip()
    if not given:
        return {name: request.GET[name] for name in ("opened_from", "browser")
                if request.GET.get(name)}  # fmt: skip
    try:
        page = page_address(given)
    except ValidationError as error:
        notes.append(" ".join(error.messages))
        return {}
    return {
        "opened_from": page,
        "browser": request.headers.get("User-Agent", "")[:BROWSER_MAX],
    }


def drafted(request: SignedInRequest) -> dict[str, str]:
    """The fields of a form that a draft keeps, as they were typed."""
    return {
        name: str(request.POST[name]).replace("\x00", "")
        for name in request.POST
        if name in DRAFTED or name.startswith(PREFIX)
    }


def _named_draft(request: SignedInRequest) -> SubmitDraft | None:
    """The draft this window goes on with; None when it was sent or discarded meanwhile."""
    given = (request.POST if request.method == "POST" else request.GET).get("draft", "")
    if not given.isdecimal() or len(given) > 18:
        return None
    return SubmitDraft.objects.filter(pk=int(given), person=request.user).first()


def _draft_to_go_on_with(request: SignedInRequest) -> SubmitDraft | None:
    """The draft an address names; else the newest, unless the address brings words of its own."""
    if "draft" in request.GET or "new" in request.GET or request.headers.get("HX-Request"):
        return _named_draft(request)
    if any(request.GET.get(name) for name in ("description", "title")):
        return None
    return SubmitDraft.objects.filter(person=request.user).order_by("-saved_at", "-pk").first()


def _kept(request: SignedInRequest, begun: SubmitDraft | None) -> SubmitDraft | None:
    """Keep a form that comes back, with its files, as the person's draft."""
    now = timezone.now()
    if request.POST.get("leave_out", "").isdecimal():
        leave_out = SubmitDraftFile.objects.filter(pk=int(request.POST["leave_out"][:18])).first()
        if leave_out is not None:
            remove_submit_draft_file(leave_out, acting_user=request.user)
    for name in request.FILES:
        for upload in request.FILES.getlist(name):
            key = name.removeprefix(PREFIX) if name.startswith(PREFIX) else ""
            try:
                file = add_submit_draft_file(
                    begun, upload, field_key=key[:40], acting_user=request.user, now=now
                )
            except Refused:
                continue  # the form names it
            begun = file.draft
    try:
        return save_submit_draft(
            begun, drafted(request), revision=begun.revision if begun is not None else 0,
            acting_user=request.user, now=now,
        )  # fmt: skip
    except Refused:
        return begun


@login_required
@require_GET
def people_options(request: SignedInRequest) -> HttpResponse:
    """Names for the fields that take a colleague.

    Staff are offered names from the first letter; others must know the beginning of one.
    """
    query = typed(request, "people", 60).strip()
    is_staff = rights_of(request.user).is_staff
    found = Q(name__istartswith=query) | Q(username__istartswith=query)
    if is_staff:
        found |= Q(name__icontains=query)
    people = User.objects.working_here().filter(found).order_by("name")
    enough = bool(query) and (is_staff or len(query) >= PEOPLE_FROM)
    names = [shown_person(person) for person in people[:PEOPLE_SHOWN]] if enough else []
    return render(request, "tickets/parts/people.html", {"names": names})
