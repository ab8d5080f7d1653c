"""The rules of training: who writes courses, when somebody is reminded, codes for checking in."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac

from accounts.models import User
from docs_portal.policies.rights import may_announce

#: A code holds for this long after it was shown, so that a photo of it is soon worth nothing.
CODE_STEP = dt.timedelta(minutes=1)
CODE_STEPS = 5
CODE_LENGTH = 6
#: Without what looks alike.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
#: People come early, and some sign in when they leave.
CHECK_IN_BEFORE = dt.timedelta(minutes=30)
CHECK_IN_AFTER = dt.timedelta(minutes=30)
#: Days before the due day on which the first reminder goes out.
REMIND_BEFORE = 3
#: Weeks after the due day in which a reminder goes out each week.
REMIND_WEEKS = 4


def may_train(user: User, product_id: int | None) -> bool:
    """Agents write courses about their products; about the house, agents of every product."""
    return may_announce(user, product_id)


def code_at(secret: str, now: dt.datetime) -> str:
    """What checks somebody in at this moment."""
    return _code(secret, _step(now))


def is_code(secret: str, code: str, now: dt.datetime) -> bool:
    """Whether `code` was shown within the last few minutes; case and spaces do not matter."""
    given = "".join(code.split()).upper()
    last = _step(now)
    return any(
        hmac.compare_digest(_code(secret, last - back).encode(), given.encode())
        for back in range(CODE_STEPS)
    )


def check_in_is_open(starts_at: dt.datetime, ends_at: dt.datetime, now: dt.datetime) -> bool:
    """Whether people may check in: from half an hour before to half an hour after."""
    return starts_at - CHECK_IN_BEFORE <= now <= ends_at + CHECK_IN_AFTER


def _step(now: dt.datetime) -> int:
    return int(now.timestamp() // CODE_STEP.total_seconds())


def _code(secret: str, step: int) -> str:
    digest = hmac.new(secret.encode(), str(step).encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:8], "big")
    letters = []
    for _place in range(CODE_LENGTH):
        number, rest = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[rest])
    return "".join(letters)


def reminder_day(due_on: dt.date, today: dt.date) -> dt.date | None:
    """The newest day up to `today` on which a reminder was due; None before the first.

    Three days before, on the day, then weekly for four weeks.
    """
    days = [due_on - dt.timedelta(days=REMIND_BEFORE), due_on]
    days += [due_on + dt.timedelta(weeks=week) for week in range(1, REMIND_WEEKS + 1)]
    over = [day for day in days if day <= today]
    return over[-1] if over else None
