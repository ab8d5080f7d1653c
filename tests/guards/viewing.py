"""What the guards need of saved views and the board: rows of the world, forms, deeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tickets.actions import create_view, delete_view
from tickets.models import SavedView
from tickets.search.listing import Listing

if TYPE_CHECKING:
    from tests.guards.places import Route
    from tests.guards.world import World

OPEN = Listing(queue="all", filters=("status:any:new,open",))
#: Over everything, so that its count is made on request.
SLOW = Listing(queue="all", filters=("priority:atleast:2",), sort="updated")


def build(world: World) -> None:
    """A view of 林知夏's own, one shared with everybody on the desk, and one deleted."""
    by: dict[str, Any] = {"acting_user": world.cast.linzhixia, "now": world.now}
    world.views["own"] = create_view("林知夏手上的", OPEN, **by)
    world.views["shared"] = create_view("全部按更新", SLOW, is_for_everyone=True, **by)
    world.views["deleted"] = create_view("旧视图", OPEN, **by)
    delete_view(world.views["deleted"], **by)


def cases(world: World, route: Route) -> Mapping[str, tuple[Any, ...]]:
    wanted = ("deleted",) if route.name.endswith("restore") else ("own", "shared")
    return {name: (world.views[name].pk,) for name in wanted}


def _named(world: World) -> dict[str, Any]:
    return {"name": "月结跟进"}


FORMS: dict[str, Callable[[World], dict[str, Any]]] = {
    "view_new": _named,
    "view_edit": _named,
    "view_update": lambda world: {},
    "view_copy": lambda world: {},
    "view_delete": lambda world: {},
    "view_restore": lambda world: {},
    "ticket_place": lambda world: {"by": "level", "column": "2"},
}
#: The same through the API.
API_BODIES: dict[str, Callable[[World], dict[str, Any]]] = {
    "api_views": _named,
    "api_view": _named,
    "api_view_restore": lambda world: {},
    "api_ticket_tag": lambda world: {"add": ["月结"]},
}


def _own(world: World, name: str = "own") -> SavedView:
    return SavedView.objects.get(pk=world.views[name].pk)


DEEDS: dict[str, Callable[[World, Any, dict[str, Any]], Any]] = {
    "create_view": lambda world, act, by: act("月结", OPEN, **by),
    "edit_view": lambda world, act, by: act(_own(world), settings={"name": "改名"}, **by),
    "copy_view": lambda world, act, by: act(_own(world), **by),
    "delete_view": lambda world, act, by: act(_own(world), **by),
    "restore_view": lambda world, act, by: act(_own(world, "deleted"), **by),
}
