"""What the submit form asks while somebody writes: the draft and its files."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core.errors import Refused
from core.serving import served
from tickets.access import get_own_submit_draft, get_own_submit_draft_file
from tickets.actions import (
    add_submit_draft_file,
    discard_submit_draft,
    remove_submit_draft_file,
    save_submit_draft,
)
from tickets.errors import StaleSubmitDraft
from tickets.forms.composer import DraftFileForm, SubmitDraftForm
from tickets.models import SubmitDraft
from tickets.rendering.drafts import submit_file_said
from tickets.views.requests import SignedInRequest
from tickets.views.submit import drafted


def _named(request: SignedInRequest, form: SubmitDraftForm) -> SubmitDraft | None:
    pk = form.cleaned_data["draft"]
    return get_own_submit_draft(request.user, pk) if pk else None


@login_required
@require_POST
def submit_draft(request: SignedInRequest) -> HttpResponse:
    """Keep what the form holds so far (`discard` forgets it); 409 when another window went on.

    A draft that is gone answers 404: it was sent or discarded elsewhere.
    """
    form = SubmitDraftForm(request.POST)
    if not form.is_valid():
        return _not_read(form)
    draft = _named(request, form)
    try:
        if form.cleaned_data["discard"]:
            if draft is not None:
                discard_submit_draft(draft, acting_user=request.user)
            draft = None
        else:
            draft = save_submit_draft(
                draft, drafted(request), revision=form.cleaned_data["revision"],
                acting_user=request.user, now=timezone.now(),
            )  # fmt: skip
    except StaleSubmitDraft as stale:
        said = {"problems": _problems(stale), **_said(stale.draft)}
        return JsonResponse(said, status=stale.status)
    except Refused as refusal:
        return JsonResponse({"problems": _problems(refusal)}, status=422)
    return JsonResponse(_said(draft))


def _said(draft: SubmitDraft | None) -> dict[str, object]:
    if draft is None:
        return {"draft": 0, "revision": 0, "url": reverse("submit")}
    return {
        "draft": draft.pk,
        "revision": draft.revision,
        "url": f"{reverse('submit')}?draft={draft.pk}",
    }


@login_required
@require_POST
def submit_draft_file(request: SignedInRequest) -> HttpResponse:
    """Keep one file with the draft; 422 says what is accepted."""
    form, file_form = SubmitDraftForm(request.POST), DraftFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _not_read(form)
    if not file_form.is_valid():
        return _not_read(file_form)
    try:
        file = add_submit_draft_file(
            _named(request, form), file_form.cleaned_data["file"],
            field_key=form.cleaned_data["field"], acting_user=request.user, now=timezone.now(),
        )  # fmt: skip
    except Refused as refusal:
        return JsonResponse({"problems": _problems(refusal)}, status=422)
    return JsonResponse({"file": submit_file_said(file), **_said(file.draft)}, status=201)


@login_required
@require_GET
def submit_file(request: SignedInRequest, pk: int, name: str) -> HttpResponseBase:
    """A file that waits, for the one who added it."""
    file = get_own_submit_draft_file(request.user, pk)
    return served(request, file.file, name=file.name, content_type=file.content_type)


@login_required
@require_POST
def submit_file_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Leave a waiting file out."""
    file = get_own_submit_draft_file(request.user, pk)
    remove_submit_draft_file(file, acting_user=request.user)
    return HttpResponse(status=204)


def _problems(refusal: Refused) -> list[str]:
    return [problem.said for problem in refusal.problems]


def _not_read(form: SubmitDraftForm | DraftFileForm) -> HttpResponse:
    said = [str(e["message"]) for found in form.errors.get_json_data().values() for e in found]
    return JsonResponse({"problems": said}, status=422)
