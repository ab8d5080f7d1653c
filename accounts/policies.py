"""Rules of signing in, and of who is told how."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping

from django.conf import settings
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import ngettext

from accounts.models import SignInFailure, Telling, User
from core.registry import NoticeGroup, is_obligation
from core.telling import Channel, Mode, Modes, Quiet, Rhythm, Wish
from core.worktime import WorkCalendar

#: Failures that cost nothing: a caps-lock key, last month's password.
FREE_FAILURES = 5
#: Wait after the first failure beyond those; it doubles with each further one.
FIRST_WAIT = dt.timedelta(seconds=30)
LONGEST_WAIT = dt.timedelta(minutes=15)
#: A count without a new failure for this long starts again.
FORGET_AFTER = dt.timedelta(hours=1)


def failure_key(username: str, address: str) -> str:
    """What failures are counted by: the user name, whatever its case, from one address."""
    text = f"{username.strip().casefold()}\x00{address}"
    return hashlib.sha256(text.encode()).hexdigest()


def wait_left(failure: SignInFailure | None, now: dt.datetime) -> dt.timedelta:
    """How long this name must wait before it may try again from this address."""
    if failure is None or failure.failures < FREE_FAILURES:
        return dt.timedelta(0)
    if now - failure.last_at >= FORGET_AFTER:
        return dt.timedelta(0)
    doublings = min(failure.failures - FREE_FAILURES, 10)
    until = failure.last_at + min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
    return max(until - now, dt.timedelta(0))


def password_path(person: User) -> str:
    """The path that lets the person set a password; it works once, for three days."""
    return reverse(
        "password_reset_confirm",
        args=[
            urlsafe_base64_encode(force_bytes(person.pk)),
            default_token_generator.make_token(person),
        ],
    )


def beginning_token() -> str:
    """What the address of the very first page holds: only who runs the servers can know it."""
    return salted_hmac("opsdesk.beginning", "the first", algorithm="sha256").hexdigest()[:40]


def token_digest(text: str) -> str:
    """What is kept of an API token; it is random enough that a plain hash tells nothing."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_beginning_token(token: str) -> bool:
    return constant_time_compare(token, beginning_token())


class LongEnoughValidator(MinimumLengthValidator):
    """Django's rule in words of our own: its catalogue leaves them in English."""

    def get_error_message(self) -> str:
        return ngettext(
            "This password is too short: it needs at least %(n)d character.",
            "This password is too short: it needs at least %(n)d characters.",
            self.min_length,
        ) % {"n": self.min_length}


def wish(own: Telling | None, house: Telling | None, calendar: Callable[[], WorkCalendar]) -> Wish:
    """How a person wants to be told: own choices, then the house's, then the product's."""
    chosen = [row for row in (own, house) if row is not None]
    silence = next((row for row in chosen if row.quiet), None)
    digest = next((row for row in chosen if row.rhythm), None)
    usual = Telling()
    quiet = silence.quiet if silence else Quiet.NEVER
    return Wish(
        modes=merged(house.modes if house else {}, own.modes if own else {}),
        zone=next((row.zone for row in chosen if row.zone), settings.TIME_ZONE),
        quiet=quiet,
        quiet_from=(silence or usual).quiet_from,
        quiet_to=(silence or usual).quiet_to,
        rhythm=digest.rhythm if digest else Rhythm.DAILY,
        digest_at=(digest or usual).digest_at,
        calendar=calendar() if quiet == Quiet.OFF_WORK else WorkCalendar(),
    )


def merged(below: Modes, above: Modes) -> dict[str, dict[str, str]]:
    """What `above` chose, and else what `below` did."""
    return {name: {**below.get(name, {}), **above.get(name, {})} for name in {*below, *above}}


def deviations(
    groups: Mapping[str, NoticeGroup], wanted: Modes, below: Modes
) -> dict[str, dict[str, str]]:
    """Of a whole grid only what differs from what holds below it: the rest follows the house."""
    usual = Wish(modes=below)
    found: dict[str, dict[str, str]] = {}
    for name, modes in wanted.items():
        differing = {
            channel: mode
            for channel, mode in modes.items()
            if mode != usual.mode(groups[name], channel)
        }
        if differing:
            found[name] = differing
    return found


def is_silent(group: NoticeGroup, modes: Mapping[str, str], below: Modes) -> bool:
    """Whether a row of the grid leaves no way at all by which its notices are told."""
    usual = Wish(modes=below)
    return all(
        Mode(modes.get(channel) or usual.mode(group, channel)) == Mode.OFF for channel in Channel
    )


def may_stop(group: NoticeGroup) -> bool:
    """Whether a person may get nothing of a group: no obligation is in it."""
    return not group.obligation and not any(is_obligation(kind) for kind in group.kinds)
