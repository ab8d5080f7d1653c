"""Why a message waits or came to nothing, told to each reader in their own language.

`IncomingMessage.error` keeps it in the language of the house; `data["why"]` beside it in every
language there is, by its code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.utils import translation

from core.errors import Refused
from tickets.models import IncomingMessage

MAX = 500


def because(data: Mapping[str, Any], reason: Callable[[], str]) -> dict[str, Any]:
    """The fields to set for what `reason` says in the language it is called in."""
    why = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            why[code] = reason()[:MAX]
    kept = {name: value for name, value in data.items() if name != "why"}
    house = why[settings.LANGUAGE_CODE]
    return {"error": house, "data": {**kept, "why": why} if house else kept}


def refusal_said(refusal: Refused) -> Callable[[], str]:
    """What an action refused, for `because`."""

    def said() -> str:
        problems = " ".join(f"{one.message} {one.remedy}" for one in refusal.problems)
        return problems or str(refusal.title)

    return said


def told(error: str, why: object) -> str:
    """The reason as its reader is told it; `error` where it was kept in one language only."""
    said = why.get(translation.get_language()) if isinstance(why, Mapping) else None
    return str(said or error)


def reason_of(message: IncomingMessage) -> str:
    """The same of a message whose `data` is at hand."""
    return told(message.error, message.data.get("why"))
