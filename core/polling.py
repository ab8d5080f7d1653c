"""The address pages ask every two seconds: `/live/`.

`LivePolling` answers early in the middleware, from Redis alone: no session, no user, no query. What
it cannot answer (Redis away, no good pass) goes on to `poll_database`, which asks like any view.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any
from zlib import crc32

from django.apps import apps
from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from redis.exceptions import RedisError

from core import live
from core.models import Event, Recorded

PATH = "/live/"
#: The passes of a browser's pages, one poll for all of them; `pass since` each, by comma.
PASSES = "HTTP_X_LIVE"
#: Where the person is now: a key of one of the passes, and `editing` where they write.
PLACE = "HTTP_X_LIVE_AT"
#: The newest event that was seen; sent only while Redis is away.
EVENT = "HTTP_X_LIVE_EVENT"
MOST_PASSES = 12
#: Digits of a number that the database holds.
MOST_DIGITS = 18
#: Events looked through at most by a poll of the database; more means "everything".
MOST_EVENTS = 1000

_Asked = list[tuple[live.Pass, int]]


class LivePolling:
    """Answers `/live/` from Redis before session and user are read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != PATH or request.method != "GET":
            return self.get_response(request)
        asked = _asked(request)
        if asked is None or request.META.get(EVENT):
            # Without good passes, or while it asks the database: see below.
            return self.get_response(request)
        try:
            return _quick(request, asked)
        except RedisError:
            return self.get_response(request)


def _asked(request: HttpRequest) -> _Asked | None:
    """The passes of a request, or None when one is missing, malformed, forged or too old."""
    session_key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    found: _Asked = []
    for part in request.META.get(PASSES, "").split(",")[:MOST_PASSES]:
        text, _space, since = part.strip().partition(" ")
        known = live.read_pass(text, session_key) if text else None
        if known is None or not since.isdecimal() or len(since) > MOST_DIGITS:
            return None
        found.append((known, int(since)))
    # One browser, one person: passes of two would tell one what the other may hear.
    return found if len({known.user_id for known, _since in found}) == 1 else None


def _quick(request: HttpRequest, asked: _Asked) -> HttpResponse:
    at, _space, doing = request.META.get(PLACE, "").partition(" ")
    news = live.look(
        [known for known, _since in asked], min(since for _known, since in asked),
        at=at, editing=doing == "editing",
    )  # fmt: skip
    here = [[one.key, one.name, int(one.is_editing)] for one in news.here]
    # Who is here stands in the tag, so that somebody's coming or going is a change as well.
    tag = f'"{crc32(json.dumps(here).encode()):x}"'
    if not news.changed and request.META.get("HTTP_IF_NONE_MATCH") == tag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = JsonResponse({"number": news.number, "changed": news.changed, "here": here})
    response["ETag"] = tag
    response["Cache-Control"] = "no-store"
    return response


@never_cache
@require_GET
def poll_database(request: HttpRequest) -> HttpResponse:
    """What changed according to the event log: for the time when Redis does not answer.

    Asked every 15 seconds with the newest event that was seen (`X-Live-Event`; none: everything
    counts as changed). 401: sign in again. 403: the pass is no longer good, ask for the page again.
    """
    if not request.user.is_authenticated:
        return JsonResponse({}, status=401)
    asked = _asked(request)
    if asked is None or any(known.user_id != request.user.pk for known, _since in asked):
        return JsonResponse({}, status=403)
    keys = tuple(dict.fromkeys(key for known, _since in asked for key in known.keys))
    if number := live.now_number():
        # Redis is back, and cannot tell what it missed: everybody looks once more.
        return JsonResponse({"number": number, "changed": keys, "here": []})
    newest = Event.objects.aggregate(newest=Max("pk"))["newest"] or 0
    text = request.META.get(EVENT, "")
    seen = int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else 0
    moved = _since_event(keys[: live.MOST_KEYS], seen) if seen else keys
    return JsonResponse({"event": newest, "changed": moved, "here": []})


def _since_event(keys: Sequence[str], seen: int) -> Sequence[str]:
    """The keys that events after `seen` touch; all of them when there are too many to look through.

    A key that stands for no row of its own (a queue, an inbox) moves with any event.
    """
    events = Event.objects.filter(pk__gt=seen).order_by("pk")
    found = list(events.values_list("subject", "subject_id")[:MOST_EVENTS])
    if len(found) == MOST_EVENTS:
        return keys
    touched = {f"{subject}:{subject_id}" for subject, subject_id in found}
    subjects = _subjects()
    return [
        key for key in keys if key in touched or (found and key.partition(":")[0] not in subjects)
    ]


@cache
def _subjects() -> frozenset[str]:
    return frozenset(m.SUBJECT for m in apps.get_models() if issubclass(m, Recorded))


def live_mark(
    request: HttpRequest, number: int, keys: Iterable[str], *, meets: bool, at: str = ""
) -> SafeString:
    """The hidden element by which live.js knows what to ask for.

    `number` was read before the page read the database, so that nothing falls in between. `at` is
    the key where the reader of this page is.
    """
    user: Any = request.user
    given = live.Pass(user.pk, user.name, tuple(keys), meets)
    text = live.signed(given, request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    place = f' data-at="{escape(at)}"' if at else ""
    # The pass is base64 and signs of Django's signer.
    return mark_safe(  # noqa: S308
        f'<span hidden data-pass="{escape(text)}" data-pass-number="{number}"{place}></span>'
    )
