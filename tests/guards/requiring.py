"""What the guards need of must-reads and the matrix: rows of the world, forms, deeds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from docs_portal import actions as docs
from docs_portal.actions import MustReadDraft
from docs_portal.models import MustRead, Page
from tests.cast import NOW

if TYPE_CHECKING:
    from tests.guards.places import Route
    from tests.guards.world import World

Data = dict[str, Any]
Cases = Mapping[str, tuple[Any, ...]]
#: The clock of every request (tests.guards.world, which builds this).
ASKED_AT = NOW + dt.timedelta(hours=1)
DUE = NOW.date() + dt.timedelta(days=5)


def _by(world: Any, person: str = "linzhixia") -> Data:
    return {"acting_user": world.cast.people[person], "now": world.now}


def _asked(world: Any) -> Data:
    return {**_by(world), "now": ASKED_AT}


def build(world: World) -> None:
    """Sales directors are asked to read their page, and need none about customers."""
    due_on = world.now.date() + dt.timedelta(days=5)
    docs.require_reading(page(world), MustReadDraft(due_on=due_on), **_by(world))
    cast = world.cast
    docs.set_page_needed(
        cast.roles["crm_director"], cast.modules["customers"], None, is_needed=False, **_by(world)
    )


def page(world: Any) -> Page:
    """The page that is asked for: of sales directors."""
    found: Page = world.pages["director"]
    return found


def must_read(world: Any) -> MustRead:
    return MustRead.objects.get(page=page(world))


def _one(world: World, route: Route) -> Cases:
    return {"director": (page(world).pk,)}


def _crm(world: World, route: Route) -> Cases:
    return {"": ("crm",)}


def _addresses(world: World, route: Route) -> Cases:
    wanted = ("director",) if route.name.endswith("acknowledge") else tuple(world.pages)
    found = {
        case: (one.manual.product.code, one.slug)
        for case, one in world.pages.items() if case in wanted
    }  # fmt: skip
    return found if len(wanted) == 1 else {**found, "missing": ("crm", "no-such-page")}


ARGUMENTS: dict[str, Callable[[Any, Any], Cases]] = {
    "page_acknowledge": _one,
    "page_must_read": _one,
    "must_read_remind": _one,
    "must_read_stop": _one,
    "manual_matrix": _crm,
    "matrix_needed": _crm,
    "api_manual": _crm,
    "api_page": _addresses,
    "api_page_acknowledge": _addresses,
}
FORMS: dict[str, Callable[[Any], Data]] = {
    "page_acknowledge": lambda w: {"revision": page(w).published_revision_id},
    "page_must_read": lambda w: {"due_on": str(DUE), "days": 5},
    "must_read_remind": lambda w: {},
    "must_read_stop": lambda w: {},
    "matrix_needed": lambda w: {
        "role": w.cast.roles["crm_director"].pk, "module": w.cast.modules["visits"].pk,
        "needed": "0",
    },
}  # fmt: skip
API_BODIES: dict[str, Callable[[Any], Data]] = {
    "api_page_acknowledge": lambda w: {"revision": 1},
}
DEEDS: dict[str, Callable[[Any, Callable[..., Any]], object]] = {
    "require_reading": lambda w, act: act(
        page(w), MustReadDraft(due_on=DUE, days=9), **_asked(w)
    ),
    "stop_requiring": lambda w, act: act(must_read(w), **_asked(w)),
    "remind_readers": lambda w, act: act(must_read(w), **_asked(w)),
    "set_page_needed": lambda w, act: act(
        w.cast.roles["crm_director"], w.cast.modules["visits"], None, is_needed=False, **_asked(w)
    ),
}  # fmt: skip
WITHOUT_EVENT = {
    "acknowledge_page": "the reader's row is the record: one per person and version, never changed",
    "tell_must_read": "who was told stands in the reader's row; the notice is an outbox row",
    "follow_must_reads": "the same",
}


def due_soon(world: World) -> dt.datetime:
    """The last day is near and nobody has answered."""
    row = must_read(world)
    row.rounds.update(due_on=NOW.date(), asked_at=NOW - dt.timedelta(days=9))
    return world.now + dt.timedelta(hours=1)
