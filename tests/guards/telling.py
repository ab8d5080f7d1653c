"""What people choose about being told, for the guards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.actions import save_telling, stop_mails
from tests.guards.world import ASKED_AT, World

Act = Callable[..., Any]


def _choose(w: World, act: Act) -> object:
    person = w.cast.wangke
    modes = {"ticket-reply": {"mail": "digest"}}
    return act(person, modes, {}, acting_user=person, now=ASKED_AT)


def _follow_house(w: World, act: Act) -> object:
    _choose(w, save_telling)
    return act(w.cast.wangke, acting_user=w.cast.wangke, now=ASKED_AT)


def _by_link(w: World, act: Act) -> object:
    return act(w.cast.emma, "ticket-reply", now=ASKED_AT)


def _take_back(w: World, act: Act) -> object:
    _by_link(w, stop_mails)
    return _by_link(w, act)


DEEDS: dict[str, Callable[[World, Act], object]] = {
    "save_telling": _choose,
    "follow_house": _follow_house,
    "stop_mails": _by_link,
    "resume_mails": _take_back,
}
WITHOUT_EVENT = {
    "mark_unread": "a mark on a notice, no change anybody asks about",
    "try_address_again": "bookkeeping of what a mail server said",
}
