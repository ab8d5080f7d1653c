"""Reviews: asked from the editor, answered on a page of their own, waiting in one queue."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_refusal_toast, add_toast
from docs_portal import access, actions
from docs_portal.choices import ReviewState
from docs_portal.forms.pages import AnswerForm, AskReviewForm
from docs_portal.models import Review
from docs_portal.policies import may_write
from docs_portal.rendering import page_for_writers
from docs_portal.rendering.checking import broken_links
from docs_portal.rendering.differences import differences
from docs_portal.rendering.markdown import shown_links

SHOWN = 50


@login_required
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """Reviews that wait for me, those that wait for others, and what was answered."""
    user = signed_in(request)
    rows = access.reviews_for(user)
    waiting = rows.filter(state=ReviewState.WAITING).order_by("asked_at")
    shown = request.GET.get("show", "mine")
    lists = {
        "mine": waiting.filter(reviewer=user),
        "waiting": waiting.exclude(reviewer=user),
        "answered": rows.exclude(state=ReviewState.WAITING).order_by("-decided_at"),
    }
    if shown not in lists:
        shown = "mine"
    context = {
        "rows": lists[shown][:SHOWN], "shown": shown, "now": timezone.now(),
        "counts": {name: found.count() for name, found in lists.items() if name != "answered"},
    }  # fmt: skip
    return render(request, "docs_portal/reviews.html", context)


@login_required
@require_POST
@once_only
def page_review_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a colleague to look at the newest revision."""
    user = signed_in(request)
    page = access.get_page_for_edit(user, pk)
    form = AskReviewForm(request.POST, people=access.reviewers_of(page).exclude(pk=user.pk))
    if not form.is_valid():
        first = next(iter(form.errors.values()))[0]
        add_toast(request, str(first))
        return redirect("page_edit", pk)
    said = form.cleaned_data
    try:
        review = actions.ask_review(
            page, said["reviewer"], said["words"], acting_user=user, now=timezone.now()
        )
    except Refused as refusal:
        add_refusal_toast(request, refusal)
        return redirect("page_edit", pk)
    add_toast(request, _("%(name)s is asked to review it.") % {"name": review.reviewer.name})
    return redirect("review", review.pk)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """What changed and how it reads; the reviewer answers below."""
    user = signed_in(request)
    row = access.get_review_for_view(user, pk)
    form = AnswerForm(request.POST or None, initial={"seen": row.revision.number})
    if request.method == "POST" and form.is_valid():
        try:
            _answer(row, form.cleaned_data, user)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("Your answer is with %(name)s.") % {"name": row.asked_by.name})
            return redirect("reviews")
    refused = request.method == "POST"
    return _review(request, row, form, status=422 if refused else 200)


def _answer(row: Review, said: dict[str, Any], user: Any) -> None:
    act: dict[str, Any] = {
        "seen_revision": said["seen"], "acting_user": user, "now": timezone.now(),
    }  # fmt: skip
    if said["answer"] == "return":
        actions.return_review(row, said["comment"], **act)
    else:
        actions.approve_review(row, said["comment"], publish=said["answer"] == "publish", **act)


def _review(request: HttpRequest, row: Review, form: AnswerForm, status: int = 200) -> HttpResponse:
    user, page = signed_in(request), row.page
    before = page.published_revision
    old = shown_links(before.body) if before is not None else ""
    writes = may_write(user, page.manual.product_id)
    context = {
        "review": row, "page": page, "product": page.manual.product, "form": form,
        "before": before, "lines": differences(old, shown_links(row.revision.body)),
        "content": page_for_writers(
            row.revision.body, access.role_names(page.manual.product_id)
        ),
        "now": timezone.now(),
        "broken": broken_links([(page, row.revision.body)]),
        "is_mine": row.state == ReviewState.WAITING and row.reviewer_id == user.pk,
        "may_publish": writes, "may_write": writes,
    }  # fmt: skip
    return render(request, "docs_portal/review.html", context, status=status)


@login_required
@require_POST
@once_only
def review_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the question back."""
    user = signed_in(request)
    row = access.get_review_for_view(user, pk)
    try:
        actions.withdraw_review(row, acting_user=user, now=timezone.now())
    except Refused as refusal:
        add_refusal_toast(request, refusal)
    else:
        add_toast(request, _("The review is withdrawn."))
    return redirect("page_edit", row.page_id)
