"""What the composer asks while somebody writes: drafts, their files, preview, people to name.

The desk and the requester's page share these addresses; each asks the door of the ticket.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core.errors import NotAllowed, Refused
from core.serving import served
from tickets import actions
from tickets.access import get_own_draft_file, get_ticket_for_view
from tickets.errors import StaleDraft
from tickets.forms.composer import DraftFileForm, DraftForm
from tickets.policies import require_verb
from tickets.rendering.conversation import text_html
from tickets.rendering.drafts import draft_said, file_said
from tickets.search.people import people_to_name
from tickets.views.answers import typed
from tickets.views.requests import SignedInRequest


@login_required
@require_POST
def ticket_draft(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep what was typed so far (`discard` forgets it); 409 with the newer text when stale."""
    ticket = get_ticket_for_view(request.user, pk)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return _refused(form.errors.get_json_data())
    data = form.cleaned_data
    try:
        if data["discard"]:
            actions.discard_draft(ticket, kind=data["kind"], acting_user=request.user)
            draft = None
        else:
            draft = actions.save_draft(
                ticket, data["body"], kind=data["kind"], revision=data["revision"],
                acting_user=request.user, now=timezone.now(),
            )  # fmt: skip
    except StaleDraft as stale:
        return JsonResponse(
            {"problems": _problems(stale), **draft_said(stale.draft)}, status=stale.status
        )
    except Refused as refusal:
        return _not_kept(refusal)
    return JsonResponse({"revision": draft.revision if draft else 0})


@login_required
@require_POST
def ticket_draft_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep one file with the draft; 422 says what is accepted."""
    ticket = get_ticket_for_view(request.user, pk)
    form = DraftFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _refused(form.errors.get_json_data())
    try:
        file = actions.add_draft_file(
            ticket, form.cleaned_data["file"], kind=form.cleaned_data["kind"],
            acting_user=request.user, now=timezone.now(),
        )  # fmt: skip
    except Refused as refusal:
        return _not_kept(refusal)
    return JsonResponse({"file": file_said(file), "revision": file.draft.revision}, status=201)


@login_required
@require_POST
def draft_file_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Leave a waiting file out."""
    actions.remove_draft_file(get_own_draft_file(request.user, pk), acting_user=request.user)
    return HttpResponse(status=204)


@login_required
@require_GET
def draft_file(request: SignedInRequest, pk: int, name: str) -> HttpResponseBase:
    """A waiting file, for the one who added it."""
    file = get_own_draft_file(request.user, pk)
    return served(request, file.file, name=file.name, content_type=file.content_type)


@login_required
@require_POST
def ticket_preview(request: SignedInRequest, pk: int) -> HttpResponse:
    """A text as it will read. Nothing is kept."""
    ticket = get_ticket_for_view(request.user, pk)
    require_verb(ticket, "comment", request.user)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return _refused(form.errors.get_json_data())
    body = form.cleaned_data["body"]
    try:
        named = actions.preview_mentions(ticket, body, acting_user=request.user)
    except Refused as refusal:
        return _not_kept(refusal)
    return render(request, "tickets/parts/preview.html", {"html": text_html(named)})


@login_required
@require_GET
def ticket_people(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who may be named in a reply or (`kind=note`) a note of this ticket, by what was typed."""
    ticket = get_ticket_for_view(request.user, pk)
    require_verb(ticket, "comment", request.user)
    people = people_to_name(
        ticket, typed(request, "q", 40), for_note=request.GET.get("kind") == "note",
        user=request.user,
    )  # fmt: skip
    return render(request, "tickets/parts/people_to_name.html", {"people": people})


def _problems(refusal: Refused) -> list[str]:
    return [problem.said for problem in refusal.problems]


def _not_kept(refusal: Refused) -> HttpResponse:
    status = refusal.status if isinstance(refusal, NotAllowed) else 422
    return JsonResponse({"problems": _problems(refusal)}, status=status)


def _refused(errors: Any) -> HttpResponse:
    said = [error["message"] for found in errors.values() for error in found]
    return JsonResponse({"problems": said}, status=422)
