"""Files of pages: added while one writes, served to who reads them; what was watched of a video."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import signed_in
from core.errors import Refused
from core.serving import served
from docs_portal import access, actions
from docs_portal.actions.drafting import draft_of
from docs_portal.forms.pages import PageFileForm, WatchedForm
from docs_portal.policies.watching import checked_report
from docs_portal.rendering.files import file_said


@login_required
@require_POST
def page_file_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a file with the page; 422 says what is accepted."""
    user = signed_in(request)
    page = access.get_page_for_edit(user, pk)
    form = PageFileForm(request.POST, request.FILES)
    if not form.is_valid():
        said = [e["message"] for found in form.errors.get_json_data().values() for e in found]
        return JsonResponse({"problems": said}, status=422)
    try:
        file = actions.add_page_file(
            page, form.cleaned_data["file"], acting_user=user, now=timezone.now()
        )
    except Refused as refusal:
        return _refused(refusal)
    draft = draft_of(page, user)
    revision = draft.revision if draft is not None else 0
    return JsonResponse({"file": file_said(file), "revision": revision}, status=201)


@login_required
@require_safe
def page_file(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """The bytes, or the part of them that a player asks for."""
    file = access.get_page_file(signed_in(request), pk, timezone.localdate())
    return served(request, file.file, name=file.name, content_type=file.content_type)


@login_required
@require_POST
def page_video_watched(request: HttpRequest, pk: int) -> HttpResponse:
    """A player says which parts it played; answers how much of the video that is together."""
    user, now = signed_in(request), timezone.now()
    file = access.get_page_file(user, pk, timezone.localdate(now))
    form = WatchedForm(request.POST)
    if not form.is_valid():
        said = [e["message"] for found in form.errors.get_json_data().values() for e in found]
        return JsonResponse({"problems": said}, status=422)
    try:
        watch = actions.record_watched(
            file, checked_report(form.cleaned_data["parts"] or []),
            length=form.cleaned_data["length"] or 0.0, acting_user=user, now=now,
        )  # fmt: skip
    except Refused as refusal:
        return _refused(refusal)
    return JsonResponse({"percent": watch.percent, "parts": watch.parts})


def _refused(refusal: Refused) -> HttpResponse:
    said = [problem.said for problem in refusal.problems]
    return JsonResponse({"problems": said}, status=422)
