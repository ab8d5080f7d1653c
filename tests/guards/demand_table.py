"""What the guards need of the demand table: its views, an act to take back, forms, deeds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from feedback.actions import create_demand_view, delete_demand_view, edit_cells
from feedback.actions.editing import Cell
from feedback.models import DemandView, TableEdit
from feedback.search.listing import DemandListing

if TYPE_CHECKING:
    from tests.guards.places import Route
    from tests.guards.world import World

LATE = DemandListing(scope="all", filters=("late:is:yes",))
_NAMES = {"own": "逾期的", "shared": "全部按得分", "deleted": "旧的"}


def build(world: World) -> None:
    """A view of 林知夏's own, one shared with everybody, one deleted; and a cell they set."""
    by: dict[str, Any] = {"acting_user": world.cast.linzhixia, "now": world.now}
    create_demand_view(_NAMES["own"], LATE, **by)
    shared = DemandListing(scope="all", sort="score")
    create_demand_view(_NAMES["shared"], shared, is_for_everyone=True, **by)
    delete_demand_view(create_demand_view(_NAMES["deleted"], LATE, **by), **by)
    edit_cells([Cell(world.demands["collected"].pk, "effort", "2")], **by)


def view(name: str = "own") -> DemandView:
    return DemandView.objects.get(name=_NAMES[name])


def view_cases(world: World, route: Route) -> Mapping[str, tuple[Any, ...]]:
    wanted = ("deleted",) if route.name.endswith("restore") else ("own", "shared")
    return {name: (view(name).pk,) for name in wanted}


def undo_cases(world: World, route: Route) -> Mapping[str, tuple[Any, ...]]:
    return {"cell": (TableEdit.objects.earliest("pk").pk,)}


def _named(world: World) -> dict[str, Any]:
    return {"name": "月结跟进"}


def _cells(world: World) -> dict[str, Any]:
    return {"cells": json.dumps([[world.demands["collected"].pk, "effort", "3", None]])}


FORMS: dict[str, Callable[[World], dict[str, Any]]] = {
    "demands_cells": _cells,
    "demands_undo": lambda world: {},
    "demands_display": lambda world: {
        "layout": "table", "group": "none", "frozen": "2", "columns": ["ref", "title", "score"],
    },
    "demand_view_new": _named,
    "demand_view_edit": _named,
    "demand_view_update": lambda world: {},
    "demand_view_copy": lambda world: {},
    "demand_view_delete": lambda world: {},
    "demand_view_restore": lambda world: {},
    "demand_place": lambda world: {"column": "evaluating"},
}  # fmt: skip

DEEDS: dict[str, Callable[[World, Any, dict[str, Any]], Any]] = {
    "edit_cells": lambda world, act, by: act(
        [Cell(world.demands["collected"].pk, "effort", "5")], **by
    ),
    "undo_edit": lambda world, act, by: act(TableEdit.objects.earliest("pk"), **by),
    "create_demand_view": lambda world, act, by: act("月结", LATE, **by),
    "edit_demand_view": lambda world, act, by: act(view(), settings={"name": "改名"}, **by),
    "copy_demand_view": lambda world, act, by: act(view(), **by),
    "delete_demand_view": lambda world, act, by: act(view(), **by),
    "restore_demand_view": lambda world, act, by: act(view("deleted"), **by),
}
WITHOUT_EVENT = {
    "keep_layout": "how one person's own table looks; nobody else sees it",
    "forget_layout": "the same",
}
