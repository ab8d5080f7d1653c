"""Refusals: what a person or a program is told when a change is not made.

Every refusal names the field, the value it found and what would be accepted (domain.md,
invariant 9). Pages show `problems` beside the fields, the API answers them as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    `field` is the form or API field, "" for the whole. `value` is what was found, as text.
    `message` says what is wrong, `remedy` what would be accepted.
    """

    field: str
    message: str | StrPromise
    remedy: str | StrPromise = ""
    value: str = ""

    @property
    def said(self) -> str:
        """Both sentences, in the language of now."""
        return f"{self.message} {self.remedy}".strip()


class Refused(Exception):
    """A change the state or the rules do not allow; nothing was written."""

    code = "refused"
    status = 409
    title: str | StrPromise = _("This change was not made.")

    #: What else a program is told, as plain JSON values.
    more: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, *problems: Problem, code: str = "") -> None:
        self.problems: Sequence[Problem] = problems
        if code:
            self.code = code
        super().__init__("; ".join(f"{p.field}: {p.message} {p.remedy}" for p in problems))


class BadInput(Refused):
    """A value that could never be accepted, whatever the state."""

    code = "bad_input"
    status = 400


class NotAllowed(Refused):
    """The person may see the object but not do this to it."""

    code = "not_allowed"
    status = 403
    title = _("You may not do this.")


@dataclass(frozen=True)
class Conflict:
    """One field that somebody changed after the writer read it."""

    field: str
    before: Any
    now: Any
    actor_id: int | None
    verb: str
    at: datetime


class StaleWrite(Refused):
    """A field this write sets or reads was changed since the version it read."""

    code = "stale"
    status = 409
    title = _("Somebody changed this while you were working on it.")

    def __init__(self, *, conflicts: Sequence[Conflict], current_version: int) -> None:
        self.conflicts = conflicts
        self.current_version = current_version
        super().__init__(
            *(
                Problem(
                    field=conflict.field,
                    value=str(conflict.now),
                    message=_("This field was changed after you opened the page."),
                    remedy=_("Look at both values, then save again."),
                )
                for conflict in conflicts
            )
        )
