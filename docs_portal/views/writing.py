"""Writing pages: begin, go on with a draft, save a revision, publish, retire."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import signed_in
from accounts.models import User
from catalog.models import Product
from core.errors import Refused, StaleWrite
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_refusal_toast, add_toast
from docs_portal import access, actions
from docs_portal.actions.drafting import draft_of
from docs_portal.actions.linking import stored_links
from docs_portal.actions.writing import BODY_MAX, is_approved, needs_review, roles_of
from docs_portal.errors import StaleWritingDraft
from docs_portal.forms.pages import AskReviewForm, PageForm, RevisionForm, WritingDraftForm
from docs_portal.models import Page, Revision, WritingDraft
from docs_portal.policies.merging import merged
from docs_portal.rendering import page_for, page_for_writers, rendered
from docs_portal.rendering.checking import broken_links, pages_linking_to
from docs_portal.rendering.differences import differences
from docs_portal.rendering.files import file_said
from docs_portal.rendering.markdown import shown_links

#: Pages offered while one looks for a page to link.
OFFERED = 12


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def page_new(request: HttpRequest, code: str) -> HttpResponse:
    """A new page of a product's manual; an address may fill it in (`PageForm.prefilled`)."""
    user = signed_in(request)
    product: Product = get_object_or_404(access.writable_products(user), code=code)
    initial = PageForm.prefilled(request.GET)
    form = PageForm(request.POST or None, product=product, initial=initial)
    if request.method == "POST" and "preview" not in request.POST and form.is_valid():
        try:
            page = actions.create_page(form.page_draft(), acting_user=user, now=timezone.now())
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("The draft is saved; publish it when it is ready."))
            return redirect("page_edit", page.pk)
    refused = request.method == "POST" and "preview" not in request.POST
    context = {"form": form, "product": product, "content": rendered(_text(form))}
    return render(request, "docs_portal/begin.html", context, status=422 if refused else 200)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def page_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The next revision of a page; goes on with the writer's draft."""
    user = signed_in(request)
    page = access.get_page_for_edit(user, pk)
    newest = access.latest_revision(page)
    if request.method == "GET":
        draft = draft_of(page, user)
        form = RevisionForm(initial=_initial(page, newest, draft), product=page.manual.product)
        return _writing(request, form, page, newest, draft)
    form = RevisionForm(request.POST, product=page.manual.product)
    if "preview" not in request.POST and form.is_valid():
        try:
            actions.save_revision(page, form.draft(), acting_user=user, now=timezone.now())
        except StaleWrite:
            return _both_sides(request, form, page, access.latest_revision(page))
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("The revision is saved; publish it when it is ready."))
            return redirect("page_edit", page.pk)
    refused = 200 if "preview" in request.POST else 422
    return _writing(request, form, page, newest, draft_of(page, user), status=refused)


def _initial(page: Page, newest: Revision, draft: WritingDraft | None) -> dict[str, Any]:
    return {
        "title": draft.title if draft is not None and draft.title else newest.title,
        "body": shown_links(draft.body if draft is not None else newest.body),
        "based_on": draft.based_on if draft is not None else newest.number,
        "roles": roles_of(page, newest),
        "is_material": True,
    }


def _text(form: RevisionForm) -> str:
    return str(form["body"].value() or "")[:BODY_MAX]


def _both_sides(
    request: HttpRequest, form: RevisionForm, page: Page, newest: Revision
) -> HttpResponse:
    """Somebody saved first (409): what they changed, beside what was typed here. Where the two
    changed different lines, the text holds both and waits to be looked at.
    """
    user = signed_in(request)
    base = page.revisions.filter(number=form.cleaned_data["based_on"]).first()
    before = shown_links(base.body) if base is not None else ""
    mine, theirs = form.cleaned_data["body"], shown_links(newest.body)
    together = merged(before, mine.replace("\r\n", "\n"), theirs)
    again = request.POST.copy()
    again["based_on"] = str(newest.number)
    again["body"] = together.text if not together.conflicts else mine
    fresh = RevisionForm(again, product=page.manual.product)
    rows = [
        {"label": _("Text of the page"), "theirs": theirs, "yours": mine},
    ]
    if newest.title != form.cleaned_data["title"]:
        rows.insert(0, {"label": _("Title"), "theirs": newest.title,
                        "yours": form.cleaned_data["title"]})  # fmt: skip
    stale = {
        "newest": newest, "rows": rows, "together": not together.conflicts,
        "conflicts": together.conflicts, "lines": differences(before, theirs),
    }  # fmt: skip
    return _writing(request, fresh, page, newest, draft_of(page, user), status=409, stale=stale)


def _writing(
    request: HttpRequest, form: RevisionForm, page: Page, newest: Revision,
    draft: WritingDraft | None, status: int = 200, stale: dict[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    user, now, body = signed_in(request), timezone.now(), _text(form)
    stored = stored_links(body)
    held = {"public": {"body": body, "revision": draft.revision if draft else 0, "files": []}}
    roles = page.manual.product.roles.order_by("name")
    context = {
        "form": form, "page": page, "product": page.manual.product, "newest": newest,
        "draft": draft, "stale": stale, "drafts": json.dumps(held, ensure_ascii=False),
        "is_behind": not stale and draft is not None and draft.based_on < newest.number,
        "files": [file_said(file) for file in page.files.select_related("file")],
        "roles": roles, "now": now,
        "content": page_for_writers(body, access.role_names(page.manual.product_id)),
        "broken": broken_links([(page, stored)]),
        "others": access.writing_now(page, user, now),
        **_publishing(page, newest, user),
    }  # fmt: skip
    return render(request, "docs_portal/write.html", context, status=status)


def _publishing(page: Page, newest: Revision, user: User) -> dict[str, Any]:
    """What may be done with the newest revision now."""
    is_out = page.status == "published" and page.published_revision_id == newest.pk
    wants = not is_out and needs_review(page, newest)
    return {
        "is_out": is_out,
        "review": page.reviews.select_related("reviewer", "asked_by", "revision").first(),
        "needs_review": wants,
        "may_publish": not is_out and (not wants or is_approved(newest)),
        "ask_form": AskReviewForm(people=access.reviewers_of(page).exclude(pk=user.pk)),
    }


@login_required
@require_POST
def page_preview(request: HttpRequest) -> HttpResponse:
    """The text as its readers (of one role: `as_role`) would see it, and what is wrong with its
    links; asked while one types.
    """
    user = signed_in(request)
    if not access.writable_products(user).exists():
        raise PermissionDenied
    body = stored_links(request.POST.get("body", "").replace("\x00", "")[:BODY_MAX])
    wanted = request.POST.get("page", "")
    is_known = wanted.isdecimal() and len(wanted) < 19
    page = access.get_page_for_edit(user, int(wanted)) if is_known else None
    names = access.role_names(page.manual.product_id) if page is not None else {}
    role = request.POST.get("as_role", "")
    content = page_for(body, [role]) if role in names else page_for_writers(body, names)
    context = {"content": content, "broken": broken_links([(page, body)])}
    return render(request, "docs_portal/preview.html", context)


@login_required
@require_POST
def page_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what was typed so far (`discard` forgets it); 409 with the newer text when stale."""
    user = signed_in(request)
    page = access.get_page_for_edit(user, pk)
    form = WritingDraftForm(request.POST)
    if not form.is_valid():
        said = [e["message"] for found in form.errors.get_json_data().values() for e in found]
        return JsonResponse({"problems": said}, status=422)
    data = form.cleaned_data
    if data["discard"]:
        actions.discard_writing_draft(page, acting_user=user)
        if "fetch" in request.headers.get("X-Requested-With", ""):
            return JsonResponse({"revision": 0})
        add_toast(request, _("Your draft is discarded."))
        return redirect("page_edit", page.pk)
    try:
        draft = actions.save_writing_draft(
            page, data["title"], data["body"], based_on=data["based_on"],
            revision=data["revision"], acting_user=user, now=timezone.now(),
        )  # fmt: skip
    except StaleWritingDraft as stale:
        return JsonResponse({"problems": _said(stale), **_draft_said(stale.draft)}, status=409)
    except Refused as refusal:
        return JsonResponse({"problems": _said(refusal)}, status=422)
    return JsonResponse({"revision": draft.revision})


def _said(refusal: Refused) -> list[str]:
    return [problem.said for problem in refusal.problems]


def _draft_said(draft: WritingDraft | None) -> dict[str, Any]:
    if draft is None:
        return {"body": "", "revision": 0, "files": []}
    return {"body": shown_links(draft.body), "revision": draft.revision, "files": []}


@login_required
@require_GET
def page_links(request: HttpRequest, code: str) -> HttpResponse:
    """Pages whose title or text has the words typed, to be linked."""
    user = signed_in(request)
    product: Product = get_object_or_404(access.writable_products(user), code=code)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    pages = access.pages_to_link(user, product, words, timezone.localdate())[:OFFERED]
    offered = [
        (page.title, reverse("page", args=[page.manual.product.code, page.slug]), page)
        for page in pages
    ]
    return render(request, "docs_portal/pages_to_link.html", {"offered": offered, "words": words})


@login_required
@require_POST
@once_only
def page_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the newest revision to the page's readers."""
    user = signed_in(request)
    page = access.get_page_for_edit(user, pk)
    try:
        page = actions.publish_page(page, acting_user=user, now=timezone.now())
    except Refused as refusal:
        add_refusal_toast(request, refusal)
        return redirect("page_edit", pk)
    add_toast(request, _("“%(title)s” is published") % {"title": page.title})
    return redirect("page", page.manual.product.code, page.slug)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def page_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the page from its readers; where other pages lead to it, they are named first."""
    user = signed_in(request)
    page = access.get_page_for_edit(user, pk)
    linking = pages_linking_to(page)
    if request.method == "GET" or (linking and "anyway" not in request.POST):
        context = {"page": page, "product": page.manual.product, "linking": linking}
        status = 200 if request.method == "GET" else 409
        return render(request, "docs_portal/retire.html", context, status=status)
    try:
        page = actions.retire_page(page, acting_user=user, now=timezone.now())
    except Refused as refusal:
        add_refusal_toast(request, refusal)
        return redirect("page_edit", pk)
    add_toast(
        request, _("“%(title)s” is retired") % {"title": page.title},
        undo_url=reverse("page_publish", args=[page.pk]),
    )  # fmt: skip
    return redirect("manual", page.manual.product.code)
