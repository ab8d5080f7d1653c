"""The widget's frame: what a back-office page shows of OpsDesk, for the person that page named.

Nothing here looks at the cookie of the pages. Browsers send none to a frame of another site, and
between sites of one company they would send it for whoever signed in last. A token, signed by the
product's back end, is exchanged once for a session; its key lives in the frame's memory and comes
as a header with each request. So there is nothing another page could make a browser send, hence
no CSRF token; and what a session may do is what these views do: submit, say "same here", see the
product's known issues and the state of one's own tickets of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.crypto import salted_hmac
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.customfields import PREFIX
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.models import Notice
from core.throttling import count_one
from docs_portal.access import live_for, unread_for
from docs_portal.actions import note_reached
from tickets.access import get_widget_session, get_widget_site
from tickets.actions import open_widget_session, same_here, submit_ticket
from tickets.actions.widget import shown_page
from tickets.choices import SAME_HERE_OPEN, UNFINISHED, Channel
from tickets.forms.submit import BROWSER_MAX
from tickets.forms.widget import WidgetSubmitForm
from tickets.models import Cause, SameHere, Ticket, WidgetSession
from tickets.querysets import CauseQuerySet
from tickets.search.mine import WAITING_FOR_REQUESTER
from tickets.suggest import KnownIssueSuggestions
from tickets.views.answers import typed
from tickets.views.requests import SignedInRequest

SCRIPT = "js/widget.js"
#: Seconds a browser keeps the script of the back-office pages before it asks again.
SCRIPT_AGE = 3600
SHOWN_TICKETS, SHOWN_ISSUES, SUGGESTED = 8, 6, 3
#: Exchanges from one address (a whole company may stand behind one), and requests of one session,
#: in a minute.
EXCHANGES_A_MINUTE, REQUESTS_A_MINUTE = 3000, 120
SCHEME = "Widget "
#: What a redrawn form keeps.
FILLED_IN = ("description", "title", "impact", "module")


class WidgetRequest(SignedInRequest):
    """A request of a frame: `user` is whom the token named."""

    widget: WidgetSession


View = Callable[..., HttpResponse]


@require_GET
def widget_script(request: HttpRequest) -> HttpResponse:
    """The script that back-office pages include; a public file with an address that stays."""
    text = _script_text()
    tag = f'"{salted_hmac("tickets.widget-script", text).hexdigest()[:16]}"'
    response: HttpResponse
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    response["ETag"] = tag
    response["Cache-Control"] = f"public, max-age={SCRIPT_AGE}"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _script_text() -> str:
    """The script without its remarks and indents: it is on every page of every product."""
    found = finders.find(SCRIPT)
    with Path(str(found)).open("rb") if found else staticfiles_storage.open(SCRIPT) as file:
        lines = [line.strip() for line in file.read().decode().splitlines()]
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


@xframe_options_exempt
@require_GET
def widget_frame(request: HttpRequest, code: str) -> HttpResponse:
    """The empty frame: the same for everybody, it knows nobody until a token was exchanged.

    Only pages of the product's origins may frame it (and ours, for trying it).
    """
    site = get_widget_site(code)
    known = _language(request.GET.get("lang", ""))
    own = f"{request.scheme}://{request.get_host()}"
    with translation.override(known):
        context = {"site": site, "origins": json.dumps([*site.origins, own])}
        response = render(request, "tickets/widget/frame.html", context)
    response._csp_replace = {"frame-ancestors": ["'self'", *site.origins]}  # type: ignore[attr-defined]
    response["Content-Language"] = known
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Accept-Language"])
    return response


def _language(asked: str) -> str:
    """That of the page around, as long as nobody is known."""
    return asked if asked in dict(settings.LANGUAGES) else translation.get_language()


@csrf_exempt  # nothing a browser adds by itself is looked at here: the token is all there is
@require_POST
def widget_session(request: HttpRequest, code: str) -> HttpResponse:
    """Exchange a token for the key of a session; 401 says why not, and nothing about anybody."""
    site = get_widget_site(code)
    # The frame asks from our own origin; a page of the product's own must not get hold of the key.
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Http404
    try:
        count_one("widget-exchange", str(request.META.get("REMOTE_ADDR", "")),
                  limit=EXCHANGES_A_MINUTE, seconds=60)  # fmt: skip
        session, key = open_widget_session(site, request.POST.get("token", ""), now=timezone.now())
    except Refused as refusal:
        problem = refusal.problems[0]
        with translation.override(_language(request.POST.get("lang", ""))):
            said = {
                "code": refusal.code, "message": str(problem.message),
                "remedy": str(problem.remedy),
            }  # fmt: skip
        return _kept_nowhere(JsonResponse(said, status=refusal.status))
    told: dict[str, Any] = {"key": key, "language": session.user.language, **_moved(session)}
    return _kept_nowhere(JsonResponse(told))


def in_widget(view: View) -> View:
    """Let a session of the widget in, as its person and in their language; 401 without one."""

    @wraps(view)
    def inside(request: WidgetRequest, code: str, *args: object, **kwargs: object) -> HttpResponse:
        sent = request.headers.get("Authorization", "")
        key = sent.removeprefix(SCHEME) if sent.startswith(SCHEME) else ""
        session = get_widget_session(code, key, timezone.now()) if key else None
        if session is None:
            return _kept_nowhere(JsonResponse({"code": "no_session"}, status=401))
        request.user = session.user
        request.widget = session
        with translation.override(session.user.language):
            try:
                count_one("widget", str(session.pk), limit=REQUESTS_A_MINUTE, seconds=60)
                response = view(request, *args, **kwargs)
            except Http404:
                response = HttpResponse(status=404)
            except Refused as refusal:
                response = render(
                    request, "tickets/widget/refused.html", {"refusal": refusal},
                    status=refusal.status,
                )  # fmt: skip
        response["Content-Language"] = session.user.language
        return _kept_nowhere(response)

    return csrf_exempt(inside)


def _kept_nowhere(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


def _mine(session: WidgetSession) -> Q:
    """A person's own tickets of this product: nothing of other products, or only watched."""
    return Q(requester_id=session.user_id, product_id=session.site.product_id)


def _news(session: WidgetSession) -> int:
    """How many of my tickets of this product have something unread in the inbox (one query)."""
    mine = Ticket.objects.filter(_mine(session)).values("pk")
    unread = Notice.objects.filter(
        recipient_id=session.user_id, read_at__isnull=True, subject=Ticket.SUBJECT,
        subject_id__in=mine,
    )  # fmt: skip
    return unread.values("subject_id").distinct().count()


def _moved(session: WidgetSession) -> dict[str, int]:
    """What the button shows, and an announcement to show by itself (0: none)."""
    now = timezone.now()
    unread = unread_for(session.user, now, timezone.localdate(now), session.site.product_id)
    return {"news": _news(session), "announced": unread.pk if unread is not None else 0}


@in_widget
@require_GET
def widget_news(request: WidgetRequest) -> HttpResponse:
    """What the button shows, asked now and then while the page is open."""
    return JsonResponse(_moved(request.widget))


@in_widget
@require_GET
def widget_home(request: WidgetRequest) -> HttpResponse:
    """The first view."""
    return home_of(request)


def home_of(request: WidgetRequest) -> HttpResponse:
    """What is announced, known issues of the product, and how my own tickets of it stand."""
    session = request.widget
    product = session.site.product
    mine = list(
        Ticket.objects.filter(_mine(session), status__in=UNFINISHED)
        .select_related("product", "module", "assignee", "team", "relayed_to", "cause__owner")
        .order_by("-id")[:50]
    )
    mine.sort(key=lambda ticket: ticket.status not in WAITING_FOR_REQUESTER)
    issues = list(_issues(session).select_related("module").order_by("-id")[:SHOWN_ISSUES])
    said = SameHere.objects.filter(
        person=session.user, cause__in=issues, state__in=SAME_HERE_OPEN
    ).values_list("cause_id", flat=True)
    now = timezone.now()
    announced = live_for(session.user, now, timezone.localdate(now), product.pk)
    note_reached(announced, acting_user=session.user, now=now)
    context = {
        "session": session,
        "product": product,
        "announced": announced,
        "tickets": mine[:SHOWN_TICKETS],
        "open": len(mine),
        "news": _news(session),
        "issues": issues,
        "said": set(said),
        "now": now,
    }
    return render(request, "tickets/widget/home.html", context)


def _issues(session: WidgetSession) -> CauseQuerySet:
    """The live known issues of the product."""
    return Cause.objects.known_issues().filter(product_id=session.site.product_id)


@in_widget
@require_POST
@once_only
def widget_same_here(request: WidgetRequest, pk: int) -> HttpResponse:
    """我也遇到 to a known issue of the product; words typed for a ticket will do."""
    session = request.widget
    cause = get_object_or_404(_issues(session), pk=pk)
    words = request.POST.get("words", "") or request.POST.get("description", "")
    same_here(
        cause, words.replace("\x00", ""), acting_user=session.user, now=timezone.now(),
        channel=Channel.WIDGET,
    )  # fmt: skip
    return home_of(request)


@in_widget
@require_http_methods(["GET", "POST"])
@once_only
def widget_submit(request: WidgetRequest) -> HttpResponse:
    """The form, with what the page told already filled in; sent, a ticket of this person."""
    session = request.widget
    sent = request.method == "POST" and "redraw" not in request.POST
    if not sent:
        return _form(request, _submit_form(request, bound=False))
    form = _submit_form(request, bound=True)
    if not form.is_valid():
        return _form(request, form, status=422)
    draft = form.draft()
    draft.requester, draft.channel = None, Channel.WIDGET
    if not form.cleaned_data.get("leave_out_context"):
        draft.opened_from = _page_of(request)
        draft.browser = request.headers.get("User-Agent", "")[:BROWSER_MAX]
    try:
        ticket = submit_ticket(draft, acting_user=session.user, now=timezone.now())
    except Refused as refusal:
        add_refusal(form, refusal)
        return _form(request, form, status=422)
    return render(request, "tickets/widget/done.html", {"ticket": ticket, "session": session})


def _page_of(request: WidgetRequest) -> str:
    """Where the person is now, when the page around says so and is one of the product's; else
    what its token said.
    """
    page = shown_page(request.POST.get("page", request.GET.get("page", "")))
    session = request.widget
    known = any(page == one or page.startswith(f"{one}/") for one in session.site.origins)
    return page if known else session.page


def _submit_form(request: WidgetRequest, *, bound: bool) -> WidgetSubmitForm:
    session = request.widget
    if bound:
        return WidgetSubmitForm(request.POST, request.FILES, session=session)
    given = request.POST if request.method == "POST" else request.GET
    kept = [name for name in given if name in FILLED_IN or name.startswith(PREFIX)]
    initial: dict[str, Any] = {"module": session.module_id or ""}
    return WidgetSubmitForm(session=session, initial=initial | {name: given[name] for name in kept})


def _form(request: WidgetRequest, form: WidgetSubmitForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "session": request.widget, "page": _page_of(request)}
    return render(request, "tickets/widget/submit.html", context, status=status)


@in_widget
@require_GET
def widget_suggestions(request: WidgetRequest) -> HttpResponse:
    """Known issues nearest to the words typed so far."""
    query = typed(request, "description", 300)
    found = KnownIssueSuggestions().search(request.user, query, SUGGESTED * 4) if query else []
    issues = {issue.ref: issue for issue in _issues(request.widget)}
    here = [(one, issues[one.ref]) for one in found if one.ref in issues][:SUGGESTED]
    context = {"found": here, "product": request.widget.site.product}
    return render(request, "tickets/widget/suggestions.html", context)
