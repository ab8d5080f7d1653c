"""Announcements for who writes them: write, preview, count, publish, withdraw, people, posters."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import signed_in
from accounts.models import User
from core.errors import Refused, StaleWrite
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from docs_portal import access, actions
from docs_portal.forms import AnnouncementForm, PlaceForm
from docs_portal.models import Announcement
from docs_portal.rendering import codes_of, figures_of, sections_of
from docs_portal.rendering.posters import posters_pdf
from docs_portal.views.announcements import today
from docs_portal.views.doing import done

PEOPLE_SHOWN = 200


def _edited(request: HttpRequest, pk: int) -> tuple[User, Announcement]:
    user = signed_in(request)
    return user, access.get_announcement_for_edit(user, pk, today(timezone.now()))


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def announcement_new(request: HttpRequest) -> HttpResponse:
    """A new draft; an address may fill it in (`?product=&title=&what=&solves=&how=&source=`)."""
    user = signed_in(request)
    access.require_announcer(user)
    if request.method == "GET":
        filled = AnnouncementForm.prefilled(request.GET, access.writable_products(user))
        return _writing(request, AnnouncementForm(user=user, initial=filled), None)
    form = AnnouncementForm(request.POST, request.FILES, user=user)
    if form.is_valid():
        now = timezone.now()
        try:
            row = actions.create_announcement(form.draft(), acting_user=user, now=now)
            _keep_files(form, row, user)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("The draft is saved; publish it when it is ready."))
            return redirect("announcement_edit", row.pk)
    return _writing(request, form, None, status=422)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def announcement_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Its words, its audience, its times; beside them how it looks and what may be done."""
    user, row = _edited(request, pk)
    if request.method == "GET":
        form = AnnouncementForm(user=user, row=row, initial=AnnouncementForm.initial_of(row))
        return _writing(request, form, row)
    form = AnnouncementForm(request.POST, request.FILES, user=user, row=row)
    status = 422
    if form.is_valid():
        try:
            actions.edit_announcement(
                row, form.draft(), acting_user=user, now=timezone.now(),
                seen_version=form.cleaned_data["version"],
            )  # fmt: skip
            _keep_files(form, row, user)
        except Refused as refusal:
            add_refusal(form, refusal)
            status = 409 if isinstance(refusal, StaleWrite) else 422
        else:
            add_toast(request, _("“%(title)s” is saved.") % {"title": row.title})
            return redirect("announcement_edit", pk)
    return _writing(request, form, row, status=status)


def _keep_files(form: AnnouncementForm, row: Announcement, user: User) -> None:
    if uploads := form.cleaned_data["files"]:
        actions.add_announcement_files(row, uploads, acting_user=user, now=timezone.now())


def _writing(
    request: HttpRequest, form: AnnouncementForm, row: Announcement | None, status: int = 200
) -> HttpResponse:
    context = {
        "form": form, "row": row, "now": timezone.now(),
        "sections": sections_of(row) if row else [],
        "files": row.files.all() if row else [],
        "reach": _reach(form),
    }  # fmt: skip
    return render(request, "docs_portal/announcement_write.html", context, status=status)


def _reach(form: AnnouncementForm) -> int:
    """How many people the ticked audience has now; unknown ids count for nothing."""
    products, roles, departments = (
        [int(str(v)) for v in form[name].value() or [] if str(v).isdecimal() and len(str(v)) < 10]
        for name in form.AUDIENCE
    )
    return len(access.audience_of(products, roles, departments, today(timezone.now())))


@login_required
@require_POST
def announcement_reach(request: HttpRequest) -> HttpResponse:
    """The live count beside the form."""
    user = signed_in(request)
    access.require_announcer(user)
    form = AnnouncementForm(request.POST, user=user)
    return render(request, "docs_portal/announcement_reach.html", {"reach": _reach(form)})


@login_required
@require_POST
def announcement_preview(request: HttpRequest) -> HttpResponse:
    """The texts as their readers would see them; asked while one types."""
    access.require_announcer(signed_in(request))
    draft = Announcement(
        **{name: request.POST.get(name, "")[:20_000] for name in ("what", "solves", "concerns",
                                                                  "how")},
        title=request.POST.get("title", "")[:120],
    )  # fmt: skip
    context = {"title": draft.title, "sections": sections_of(draft)}
    return render(request, "docs_portal/announcement_preview.html", context)


@login_required
@require_POST
@once_only
def announcement_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish it, or put it down for its time."""
    user, row = _edited(request, pk)
    return done(request, lambda: _published(row, user), "announcement_edit", pk)


def _published(row: Announcement, user: User) -> str:
    now = timezone.now()
    after = actions.publish_announcement(row, acting_user=user, now=now)
    if after.is_live(now):
        return _("“%(title)s” is published") % {"title": row.title}
    return _("“%(title)s” will be published at its time") % {"title": row.title}


@login_required
@require_POST
@once_only
def announcement_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it back."""
    user, row = _edited(request, pk)

    def act() -> str:
        actions.withdraw_announcement(row, acting_user=user, now=timezone.now())
        return _("“%(title)s” is taken back") % {"title": row.title}

    return done(request, act, "announcement_edit", pk)


@login_required
@require_POST
@once_only
def announcement_remind(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask those again who have not answered."""
    user, row = _edited(request, pk)

    def act() -> str:
        many = actions.remind_announcement(row, acting_user=user, now=timezone.now())
        return ngettext("%(n)s person is reminded", "%(n)s people are reminded", many) % {"n": many}

    return done(request, act, "announcement_people", pk)


@login_required
@require_POST
@once_only
def announcement_file_remove(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """Take a file away."""
    user, row = _edited(request, pk)
    kept = get_object_or_404(row.files.select_related("announcement"), pk=file)

    def act() -> str:
        actions.remove_announcement_file(kept, acting_user=user, now=timezone.now())
        return _("“%(name)s” is removed") % {"name": kept.name}

    return done(request, act, "announcement_edit", pk)


@login_required
@require_GET
def announcement_people(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom it reached, who read and acknowledged it, and who has not."""
    _user, row = _edited(request, pk)
    shown = request.GET.get("show", "waiting")
    figures = figures_of(row, today(timezone.now()))
    people = figures.people(shown if shown in figures.NAMES else "waiting")
    context: dict[str, Any] = {
        "row": row, "figures": figures, "people": people[:PEOPLE_SHOWN], "count": len(people),
        "shown": shown if shown in figures.NAMES else "waiting", "limit": PEOPLE_SHOWN,
        "now": timezone.now(), "places": row.places.all(),
    }  # fmt: skip
    return render(request, "docs_portal/announcement_people.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def announcement_posters(request: HttpRequest, pk: int) -> HttpResponse:
    """One A4 sheet per place with a code of its own, ready to print."""
    user, row = _edited(request, pk)
    form = PlaceForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            actions.add_poster_place(
                row, form.cleaned_data["name"], acting_user=user, now=timezone.now()
            )
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("announcement_posters", pk)
    places = list(row.places.all())
    context = {
        "row": row, "form": form, "sections": sections_of(row),
        "posters": codes_of(places, lambda place: request.build_absolute_uri(
            reverse("poster", args=[place.code]))),
    }  # fmt: skip
    return render(
        request, "docs_portal/announcement_posters.html", context,
        status=422 if form.is_bound else 200,
    )  # fmt: skip


@login_required
@require_GET
def announcement_posters_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """All posters as one PDF of A4 sheets."""
    _user, row = _edited(request, pk)
    places = list(row.places.all())
    if not places:
        raise Http404
    content = posters_pdf(
        row, places, lambda place: request.build_absolute_uri(reverse("poster", args=[place.code]))
    )
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="poster-{row.pk}.pdf"'
    return response
