"""Kinds of trouble that training can answer, counted by the apps above and found by name.

This app knows no ticket. What was rejected, declined or returned is registered by whoever keeps it
(`register_trouble` in its `apps.ready`); a training rule names the kind, asks, and previews.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class Happened:
    """One time it happened to one person: what it was about, and when."""

    user_id: int
    ref: str
    at: dt.datetime


#: Product (None: any), from, to → every time it happened in between, oldest first.
Counter = Callable[[int | None, dt.datetime, dt.datetime], Sequence[Happened]]


@dataclass(frozen=True)
class Trouble:
    """A kind of trouble. `about_staff`: it says how somebody does their work here, so that only
    their managers see who it is.
    """

    name: str
    label: StrPromise
    happened: Counter
    about_staff: bool = False


_troubles: dict[str, Trouble] = {}


def register_trouble(trouble: Trouble) -> None:
    """Called by an app above in its `ready`; the newest of a name counts."""
    _troubles[trouble.name] = trouble


def all_troubles() -> Mapping[str, Trouble]:
    """Every kind by name, in the order in which they were registered."""
    return MappingProxyType(_troubles)
