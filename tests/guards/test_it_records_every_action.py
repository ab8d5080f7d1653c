"""Every action of every app leaves at least one event, or is listed with the reason why not."""

from __future__ import annotations

import importlib

import pytest

from core.models import Event
from tests.guards.deeds import DEEDS, WITHOUT_EVENT
from tests.guards.world import ASKED_AT, World, undone
from tickets.actions.undo_sides import UNDOING

APPS = ("accounts", "catalog", "docs_portal", "tickets", "feedback", "reports")


def actions() -> set[str]:
    """`app.name` of everything callable an app exports that is no class of data."""
    found = set()
    for app in APPS:
        module = importlib.import_module(f"{app}.actions")
        for name in module.__all__:
            thing = getattr(module, name)
            if callable(thing) and not isinstance(thing, type):
                found.add(f"{app}.{name}")
    return found


def test_every_action_is_done_here() -> None:
    done = DEEDS.keys() | WITHOUT_EVENT.keys()
    assert sorted(actions() - done) == [], "write a deed in tests/guards/deeds.py"
    assert sorted(done - actions()) == []
    assert sorted(DEEDS.keys() & WITHOUT_EVENT.keys()) == []


@pytest.mark.parametrize("name", sorted(DEEDS))
def test_an_action_leaves_an_event(world: World, name: str) -> None:
    app, action = name.split(".")
    act = getattr(importlib.import_module(f"{app}.actions"), action)
    before = Event.objects.latest("pk").pk
    with undone():
        DEEDS[name](world, act)
        left = list(Event.objects.filter(pk__gt=before).order_by("pk"))
    assert left
    # Told at the time that was handed in, never at the clock's.
    assert {event.occurred_at for event in left} == {ASKED_AT}
    assert all(event.verb and event.subject for event in left)
    # A verb of a ticket says how it is undone, or why not.
    verbs = {event.verb for event in left if event.subject == "ticket"}
    assert sorted(verbs - UNDOING.keys()) == []
