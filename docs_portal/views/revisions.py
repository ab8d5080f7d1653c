"""The history of a page: its revisions, what changed between two of them, back to an older one."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import signed_in
from core.errors import Refused
from core.formkeys import once_only
from core.toasts import add_refusal_toast, add_toast
from docs_portal import access, actions
from docs_portal.rendering import page_for_writers
from docs_portal.rendering.differences import differences
from docs_portal.rendering.markdown import shown_links

SHOWN = 100


@login_required
@require_safe
def page_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Every revision; what the newest one changed."""
    return _history(request, pk, None)


@login_required
@require_safe
def page_revision(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One revision, compared with the one before, or with `?with=<number>`."""
    return _history(request, pk, number)


def _history(request: HttpRequest, pk: int, number: int | None) -> HttpResponse:
    page = access.get_page_for_edit(signed_in(request), pk)
    revisions = list(
        page.revisions.select_related("author", "published_by").order_by("-number")[:SHOWN]
    )
    by_number = {revision.number: revision for revision in revisions}
    shown = by_number.get(number if number is not None else revisions[0].number)
    if shown is None:
        raise Http404
    asked = request.GET.get("with", "")
    other = by_number.get(int(asked)) if asked.isdecimal() and len(asked) < 9 else None
    if other is None and asked != "0":
        other = by_number.get(shown.number - 1)
    old, new = (other, shown) if other is None or other.number < shown.number else (shown, other)
    before = shown_links(old.body) if old is not None else ""
    context = {
        "page": page, "product": page.manual.product, "revisions": revisions, "shown": shown,
        "old": old, "new": new, "lines": differences(before, shown_links(new.body)),
        "content": page_for_writers(shown.body, access.role_names(page.manual.product_id)),
        "now": timezone.now(),
        "whole": request.GET.get("show") == "text",
    }  # fmt: skip
    return render(request, "docs_portal/history.html", context)


@login_required
@require_POST
@once_only
def page_restore(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """An older text as the newest revision, ready to be published."""
    user = signed_in(request)
    page = access.get_page_for_edit(user, pk)
    seen = request.POST.get("based_on", "")
    based_on = int(seen) if seen.isdecimal() and len(seen) < 9 else 0
    try:
        revision = actions.restore_revision(
            page, number, based_on=based_on, acting_user=user, now=timezone.now()
        )
    except Refused as refusal:
        add_refusal_toast(request, refusal)
        return redirect("page_history", pk)
    add_toast(
        request, _("Revision %(number)s holds that text again.") % {"number": revision.number}
    )
    return redirect("page_edit", pk)
