"""The page behind a signed link: an owner answers without signing in.

GET and HEAD show, whatever a mail scanner opens; only POST acts, through the same actions as the
owner's page. The page shows this cause and nothing else, leads nowhere that would tell more, and
neither search engines nor other sites learn its address.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from catalog.access import calendar_of, team_for
from core.errors import Refused
from core.forms import add_refusal
from core.throttling import count_one
from core.worktime import NoWorkingTime, WorkCalendar, add_working_days
from tickets.access import get_owner_link
from tickets.actions import answer_by_link
from tickets.errors import LinkOver, LinkUsed
from tickets.forms.causes import CauseVerbForm
from tickets.forms.owner_link import form_for
from tickets.models import Cause, OwnerLink, OwnerLinkUse
from tickets.policies.owner_links import ACTS, Standing, standing_of
from tickets.rendering.owner_message import evidence_of, hit_by

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

#: The date proposed to who accepts: so many working days from today.
PROPOSED_DAYS = 3
#: Acts of one link in an hour, and unknown links from one address in a minute.
ACTS_AN_HOUR, GUESSES_A_MINUTE = 30, 30

TITLES: dict[str, StrPromise] = {
    "accept": _("Accept with a date"),
    "date": _("Change the date"),
    "decline": _("Decline"),
    "deliver": _("Delivered"),
}
DONE: dict[str, StrPromise] = {
    "accept": _("You accepted it"),
    "date": _("You changed the date"),
    "decline": _("You declined it"),
    "deliver": _("You delivered it"),
}


@dataclass(frozen=True)
class ActShown:
    """One act on the page: its form, and whether it is laid open."""

    name: str
    title: str | StrPromise
    form: CauseVerbForm
    is_open: bool
    is_danger: bool


@csrf_exempt  # the token is the secret; mail programs' own browsers keep no cookie for a second one
@require_http_methods(["GET", "HEAD", "POST"])
def owner_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is asked of the owner; a POST answers it."""
    link = _known(request, token)
    with translation.override(link.owner.language):
        response = _answered(request, link) if request.method == "POST" else _page(request, link)
    response["Content-Language"] = link.owner.language
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Cache-Control"] = "no-store"
    return response


def _known(request: HttpRequest, token: str) -> OwnerLink:
    try:
        return get_owner_link(token)
    except Http404:
        source = str(request.META.get("REMOTE_ADDR", ""))
        count_one("owner-link-guess", source, limit=GUESSES_A_MINUTE, seconds=60)
        raise


def _answered(request: HttpRequest, link: OwnerLink) -> HttpResponse:
    count_one("owner-link-act", str(link.pk), limit=ACTS_AN_HOUR, seconds=3600)
    act = request.POST.get("act", "")
    if act not in TITLES:
        return _page(request, link, status=422)
    form = form_for(act, link.cause, request.POST)
    if not form.is_valid():
        return _page(request, link, refused={act: form}, status=422)
    try:
        answer_by_link(
            link, act, form.cleaned_data, now=timezone.now(),
            seen_version=form.cleaned_data["version"],
        )  # fmt: skip
    except (LinkUsed, LinkOver) as over:
        return _page(request, _again(link), said=over, status=409)
    except Refused as refusal:
        add_refusal(form, refusal)
        return _page(request, _again(link), refused={act: form}, said=refusal, status=422)
    return HttpResponseRedirect(request.path)


def _again(link: OwnerLink) -> OwnerLink:
    link.refresh_from_db()
    link.cause = Cause.objects.select_related("product", "module").get(pk=link.cause_id)
    return link


def _page(
    request: HttpRequest,
    link: OwnerLink,
    *,
    refused: dict[str, CauseVerbForm] | None = None,
    said: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    now, cause = timezone.now(), link.cause
    standing = standing_of(link, cause, now)
    uses = {use.act: use for use in link.uses.order_by("used_at")}
    shown = _acts(request, cause, uses, refused or {}, now) if standing == Standing.OPEN else []
    # What went to somebody else is none of this reader's business any more.
    is_theirs = standing != Standing.OVER
    context = {
        "link": link,
        "cause": cause if is_theirs else None,
        "standing": str(standing),
        "acts": shown,
        "uses": [(DONE[act], use.used_at) for act, use in uses.items()],
        "used_before": isinstance(said, LinkUsed),
        "problems": said.problems if said is not None and not refused else (),
        "evidence": evidence_of(cause) if is_theirs else (),
        "hits": hit_by(cause) if is_theirs else "",
    }
    return render(request, "tickets/owner_link.html", context, status=status)


def _acts(
    request: HttpRequest,
    cause: Cause,
    uses: dict[str, OwnerLinkUse],
    refused: dict[str, CauseVerbForm],
    now: dt.datetime,
) -> list[ActShown]:
    """What this link may still do, the asked one (or the first) laid open."""
    names = [act for act in ACTS[cause.state] if act not in uses]
    asked = next(iter(refused), request.GET.get("act", ""))
    first = asked if asked in names else next(iter(names), "")
    return [
        ActShown(
            act,
            TITLES[act],
            refused.get(act) or form_for(act, cause, proposed=_proposed(cause, now)),
            act == first,
            act == "decline",
        )
        for act in names
    ]


def _proposed(cause: Cause, now: dt.datetime) -> dt.date:
    team = team_for(cause.product)
    calendar = calendar_of(team) if team is not None else WorkCalendar()
    try:
        return add_working_days(calendar, calendar.day_of(now), PROPOSED_DAYS)
    except NoWorkingTime:
        return calendar.day_of(now) + dt.timedelta(days=PROPOSED_DAYS)
