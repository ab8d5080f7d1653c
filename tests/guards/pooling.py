"""What the guards need of the pool: words that wait, words that were set aside, forms, deeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from feedback.actions import DemandDraft, add_feedback, set_aside_feedback
from feedback.models import FeedbackItem

if TYPE_CHECKING:
    from tests.guards.places import Route
    from tests.guards.world import World

_WORDS = {"waiting": "导出以后还要手工删列", "aside": "按钮换成绿色"}


def build(world: World) -> None:
    by: dict[str, Any] = {"acting_user": world.cast.linzhixia, "now": world.now}
    for words in _WORDS.values():
        add_feedback(
            product=world.cast.products["crm"], person=world.cast.wangke, words=words,
            source="visit", **by,
        )  # fmt: skip
    set_aside_feedback(item("aside"), "颜色按集团规范", **by)


def item(name: str = "waiting") -> FeedbackItem:
    return FeedbackItem.objects.get(words=_WORDS[name])


def cases(world: World, route: Route) -> Mapping[str, tuple[Any, ...]]:
    return {"": (item("aside" if route.name.endswith("take_back") else "waiting").pk,)}


ARGUMENTS = {"feedback_": cases, "api_feedback_": cases}


def _said(world: World) -> dict[str, Any]:
    return {
        "person": "wangke",
        "source": "visit",
        "words": "录音要能转成文字",
        "importance": "2",
        "product": world.cast.products["crm"].pk,
    }


FORMS: dict[str, Callable[[World], dict[str, Any]]] = {
    "feedback_new": _said,
    "feedback_gather": lambda world: {
        "items": str(item().pk), "demand": "other", "ref": world.demands["collected"].ref,
    },
    "feedback_set_aside": lambda world: {"reason": "新版本已经可以"},
    "feedback_take_back": lambda world: {},
    "my_feedback": lambda world: {
        "product": world.cast.products["crm"].pk, "words": "希望记住筛选条件", "importance": "1",
    },
}  # fmt: skip
API_BODIES: dict[str, Callable[[World], dict[str, Any]]] = {
    "api_feedback": lambda world: {
        **_said(world), "person": world.cast.wangke.pk, "importance": 2,
    },
    "api_feedback_gather": lambda world: {"demand": world.demands["collected"].pk},
    "api_feedback_set_aside": lambda world: {"reason": "新版本已经可以"},
}  # fmt: skip

DEEDS: dict[str, Callable[[World, Any, dict[str, Any]], Any]] = {
    "gather_feedback": lambda world, act, by: act([item()], world.demands["collected"], **by),
    "open_demand_for": lambda world, act, by: act(
        [item()], DemandDraft("录音转文字", world.cast.products["crm"]), **by
    ),
    "set_aside_feedback": lambda world, act, by: act(item(), "新版本已经可以", **by),
    "take_back_feedback": lambda world, act, by: act(item("aside"), **by),
}
