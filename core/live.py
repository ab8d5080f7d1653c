"""Live updates: what changed since a page was drawn, answered from Redis without a query.

Each change takes the next number of one sequence and leaves it under the keys it concerns
(`ticket:12`, `queue:3`), after the commit. A page carries a signed pass: the keys its reader may
hear of, and the number of the sequence when it was drawn. Asking whether any key has moved past
that number is one round trip (`core.polling`).

With Redis away pages and writes go on; who polls is answered from the event log instead.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import redis
from django.conf import settings
from django.core import signing
from django.db import transaction
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

#: Everything may have changed: written after changes that Redis did not hear of.
EVERYTHING = "all"
#: Seconds a key is remembered; a page that slept longer is drawn anew anyway.
REMEMBERED = 24 * 3600
#: Seconds a pass is good for. Whoever lost access gets nothing more after that, not even a key.
PASS_AGE = 600
#: Keys looked at in one poll: some pages of fifty rows, with room to spare.
MOST_KEYS = 600
#: Seconds after which somebody who no longer asks is no longer here.
HERE_SECONDS = 10
#: Seconds for which a Redis that did not answer is left alone by those who write.
REST_SECONDS = 2.0

_PREFIX = "live:"
_SEQUENCE = _PREFIX + "sequence"
_HERE = _PREFIX + "here"
_SALT = "core.live"
# The sequence starts at the clock, so that it never falls behind an old page's number, whatever
# Redis has lost.
_BUMP = """
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('SET', KEYS[1], ARGV[1]) end
local number = redis.call('INCR', KEYS[1])
for i = 2, #KEYS do redis.call('SET', KEYS[i], number, 'EX', ARGV[2]) end
return number
"""


# ---- what writes ------------------------------------------------------------------------------


class _Heard:
    """What this process knows of Redis: when to try again, and whether something was missed."""

    rest_until = 0.0
    missed = False


def changed(*keys: str) -> None:
    """Tell whoever looks at `keys` that they changed, once this transaction is committed.

    However many changes a transaction makes, Redis is told once. Never raises.
    """
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        bump(keys)
        return
    for _savepoints, call, *_rest in connection.run_on_commit:
        if isinstance(call, _Telling) and not call.is_done:
            call.keys.update(keys)
            return
    transaction.on_commit(_Telling(keys), robust=True)


class _Telling:
    """The call after a commit. A rolled-back savepoint takes its call with it, or leaves a key
    too many, which costs one idle look."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.keys = set(keys)
        self.is_done = False

    def __call__(self) -> None:
        self.is_done = True
        bump(self.keys)


def bump(keys: Iterable[str]) -> None:
    """Give `keys` the next number; with Redis away, remember that something was missed."""
    if time.monotonic() < _Heard.rest_until:
        _Heard.missed = True
        return
    told = sorted({*keys, EVERYTHING} if _Heard.missed else set(keys))
    names = [_SEQUENCE, *(_PREFIX + key for key in told)]
    try:
        server().eval(_BUMP, len(names), *names, int(time.time() * 1000), REMEMBERED)
    except RedisError as error:
        logger.warning("live updates: Redis was not told: %s", error)
        _Heard.rest_until = time.monotonic() + REST_SECONDS
        _Heard.missed = True
    else:
        _Heard.missed = False


@cache
def server() -> redis.Redis:
    """A client that would rather fail than keep a page waiting."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        decode_responses=True,
        socket_timeout=0.3,
        socket_connect_timeout=0.3,
        retry=Retry(NoBackoff(), 0),
    )


# ---- what a page carries ----------------------------------------------------------------------


def now_number() -> int:
    """The sequence's number, read before the page reads the database; 0 with Redis away."""
    try:
        return int(server().get(_SEQUENCE) or 0)
    except RedisError as error:
        logger.warning("live updates: Redis does not answer: %s", error)
        return 0


@dataclass(frozen=True)
class Pass:
    """What one person may hear of. `meets` is for staff: they see and are seen."""

    user_id: int
    name: str
    keys: tuple[str, ...]
    meets: bool = False


def signed(given: Pass, session_key: str | None) -> str:
    """The pass for a page; it is worth nothing without the session it was made for."""
    value = [given.user_id, given.name, _packed(given.keys), int(given.meets), _bound(session_key)]
    return signing.dumps(value, salt=_SALT, compress=True)


def read_pass(text: str, session_key: str | None) -> Pass | None:
    """The pass in `text`; None when it is forged, too old, or another session's."""
    try:
        user_id, name, keys, meets, bound = signing.loads(text, salt=_SALT, max_age=PASS_AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if not session_key or bound != _bound(session_key):
        return None
    return Pass(user_id, name, _unpacked(keys), bool(meets))


def _bound(session_key: str | None) -> str:
    return hashlib.sha256(f"{_SALT}\x00{session_key or ''}".encode()).hexdigest()[:16]


def _packed(keys: Iterable[str]) -> dict[str, list[str]]:
    """Keys by their kind: fifty tickets name the kind once."""
    found: dict[str, list[str]] = {}
    for key in keys:
        kind, _colon, name = key.partition(":")
        found.setdefault(kind, []).append(name)
    return found


def _unpacked(keys: dict[str, list[str]]) -> tuple[str, ...]:
    return tuple(f"{kind}:{name}" for kind, names in keys.items() for name in names)


# ---- what a poll asks -------------------------------------------------------------------------


@dataclass(frozen=True)
class Here:
    """Somebody who looks at a subject, or writes there (`editing`)."""

    key: str
    user_id: int
    name: str
    is_editing: bool


@dataclass(frozen=True)
class News:
    """Since which number the next poll asks, what changed, and who is here."""

    number: int
    changed: tuple[str, ...]
    here: tuple[Here, ...]


def look(passes: Sequence[Pass], since: int, *, at: str = "", editing: bool = False) -> News:
    """One round trip: say where the person is, and hear what moved past `since`. Raises RedisError.

    `passes` are those of one person's pages. A number below `since` means that Redis began anew:
    then everything counts as changed.
    """
    keys = tuple(dict.fromkeys(key for known in passes for key in known.keys))[:MOST_KEYS]
    met = frozenset(key for known in passes if known.meets for key in known.keys)
    person = passes[0]
    moment = time.time()
    pipe = server().pipeline(transaction=False)
    pipe.mget([_SEQUENCE, _PREFIX + EVERYTHING, *(_PREFIX + key for key in keys)])
    if met:
        if at in met:
            pipe.hset(_HERE, str(person.user_id), _standing(at, editing, moment, person.name))
        else:
            pipe.hdel(_HERE, str(person.user_id))
        pipe.hgetall(_HERE)
    answers: list[Any] = pipe.execute()
    number, whole, *values = (int(value or 0) for value in answers[0])
    if number < since or whole > since:
        moved = tuple(keys)
    else:
        moved = tuple(key for key, value in zip(keys, values, strict=True) if value > since)
    here = _others(answers[-1], met, person.user_id, moment) if met else ()
    return News(number, moved, here)


def _standing(at: str, editing: bool, moment: float, name: str) -> str:
    return f"{at}|{int(editing)}|{int(moment + HERE_SECONDS)}|{name}"


def _others(
    rows: dict[str, str], met: frozenset[str], user_id: int, moment: float
) -> tuple[Here, ...]:
    """Who else is at one of the keys where people meet; forgets who is gone."""
    found, gone = [], []
    for other, row in rows.items():
        at, editing, until, name = row.split("|", 3)
        if int(until) < moment:
            gone.append(other)
        elif at in met and int(other) != user_id:
            found.append(Here(at, int(other), name, editing == "1"))
    if gone:
        server().hdel(_HERE, *gone)
    return tuple(sorted(found, key=lambda one: (one.key, not one.is_editing, one.user_id)))
