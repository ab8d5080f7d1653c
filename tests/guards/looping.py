"""What the guards need of the closed loop: a merge, a split, a release in part, forms, deeds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from core.channels.reachability import mark_unreachable
from feedback import actions
from feedback.choices import RoundState
from feedback.models import Demand, Release, RolloutPart, Round
from tickets import actions as tickets
from tickets.models import Ticket

if TYPE_CHECKING:
    from tests.guards.places import Route
    from tests.guards.world import World

Act = Callable[..., Any]
_TITLES = {"merged": "地图上看拜访", "child": "拜访地图按日期", "partial": "5.9 灰度"}


def build(world: World) -> None:
    """One merged into the collected demand, one split off it, a release for one person."""
    by: dict[str, Any] = {"acting_user": world.cast.linzhixia, "now": world.now}
    crm, kept = world.cast.products["crm"], world.demands
    merged = actions.create_demand(actions.DemandDraft(_TITLES["merged"], crm), **by)
    for person in (world.cast.wangke, world.cast.liuyang):
        actions.add_feedback(
            product=crm, person=person, words="地图上看不到", source="visit", demand=merged, **by
        )
    some = list(merged.feedback.filter(person=world.cast.liuyang))
    kept["merged"] = actions.merge_demand(merged, kept["collected"], **by)
    kept["child"] = actions.split_demand(kept["collected"], some, _TITLES["child"], **by)
    release = actions.create_release(crm, _TITLES["partial"], **by)
    actions.roll_out_to(release, world.cast.wangke, world.now.date(), **by)
    world.releases["partial"] = Release.objects.get(pk=release.pk)


def part() -> RolloutPart:
    return RolloutPart.objects.get(release__name=_TITLES["partial"])


def _part_cases(world: World, route: Route) -> Mapping[str, tuple[Any, ...]]:
    return {"": (world.releases["partial"].pk, part().pk)}


def _people_cases(world: World, route: Route) -> Mapping[str, tuple[Any, ...]]:
    return {"collected": (world.demands["collected"].pk,)}


#: Verbs of a demand or a release → the one of the world they fit.
DEMANDS = {
    "fail": "unverified", "progress": "collected", "merge": "scheduled", "unmerge": "merged",
    "split": "collected", "undo_split": "child",
}  # fmt: skip
RELEASES = {"everybody": "partial", "roll_out": "planned", "progress": "released"}
ARGUMENTS = {
    "release_leave_out": _part_cases,
    "api_release_leave_out": _part_cases,
    "api_demand_people": _people_cases,
}


def _words(world: World) -> list[int]:
    demand = world.demands["collected"]
    return list(demand.feedback.order_by("pk").values_list("pk", flat=True)[:1])


def _day(world: World, ahead: int = 3) -> str:
    return (world.now.date() + dt.timedelta(days=ahead)).isoformat()


DEMAND_FORMS: dict[str, Callable[[World], dict[str, Any]]] = {
    "fail": lambda w: {"words": "保存时报错"},
    "progress": lambda w: {"words": "已经定位，下周给日期"},
    "merge": lambda w: {"into": "other", "ref": w.demands["collected"].ref},
    "unmerge": lambda w: {},
    "split": lambda w: {"words": _words(w), "title": "拜访视图按区域"},
    "undo_split": lambda w: {},
}
RELEASE_FORMS: dict[str, Callable[[World], dict[str, Any]]] = {
    "roll_out": lambda w: {"person": "wangke", "starts_on": _day(w)},
    "everybody": lambda w: {"starts_on": _day(w)},
    "leave_out": lambda w: {},
}
API_BODIES: dict[str, Callable[[World], dict[str, Any]]] = {
    "api_demands": lambda w: {"title": "批量导出", "product": w.cast.products["crm"].pk},
    "api_demand_evaluate": lambda w: {},
    "api_demand_accept": lambda w: {"reason": "三个大区都要"},
    "api_demand_decline": lambda w: {"reason": "明年换系统"},
    "api_demand_defer": lambda w: {"until": _day(w, 30), "reason": "等新系统"},
    "api_demand_appeal": lambda w: {"words": "还是要"},
    "api_demand_schedule": lambda w: {"planned_on": _day(w, 9)},
    "api_demand_develop": lambda w: {},
    "api_demand_test": lambda w: {},
    "api_demand_carry": lambda w: {"release": w.releases["planned"].pk},
    "api_demand_verify": lambda w: {},
    "api_demand_fail": lambda w: {"words": "保存时报错"},
    "api_demand_progress": lambda w: {"words": "下周给日期"},
    "api_demand_close": lambda w: {"review": "工单少了一半"},
    "api_demand_merge": lambda w: {"into": w.demands["collected"].pk},
    "api_demand_unmerge": lambda w: {},
    "api_demand_split": lambda w: {"words": _words(w), "title": "拜访视图按区域"},
    "api_demand_undo_split": lambda w: {},
    "api_demand_quote": lambda w: {
        "person": w.cast.liuyang.pk, "words": "我也要", "source": "chat",
    },
    "api_demand_answer": lambda w: {"answer": "confirmed"},
    "api_releases": lambda w: {"product": w.cast.products["crm"].pk, "name": "6.1"},
    "api_release_gate": lambda w: {"announcement": "能看到现任下属了"},
    "api_release_see_people": lambda w: {},
    "api_release_publish": lambda w: {},
    "api_release_roll_out": lambda w: {"person": w.cast.wangke.pk, "starts_on": _day(w)},
    "api_release_everybody": lambda w: {"starts_on": _day(w)},
    "api_release_roll_back": lambda w: {"reason": "审批页报错"},
    "api_release_leave_out": lambda w: {},
}  # fmt: skip


def _queued(w: World) -> Round:
    return Round.objects.filter(state=RoundState.QUEUED, kind="release").latest("pk")


def _pass_on(w: World, act: Act, now: dt.datetime) -> object:
    from accounts.actions import mark_left

    row = _queued(w)
    mark_left(row.obligation.person, now.date(), None, acting_user=w.cast.admin, now=now)
    return act(row, now=now)


def _reach(w: World, act: Act, by: dict[str, Any]) -> object:
    release = Release.objects.get(pk=w.releases["released"].pk)
    Release.objects.filter(pk=release.pk).update(is_partial=True)
    demand = release.demands.get()
    actions.verify_demand(demand, acting_user=w.cast.zhoumin, now=by["now"])
    actions.roll_out_to(release, w.cast.liuyang, by["now"].date(), **by)
    person = demand.obligations.get().person
    RolloutPart.objects.create(
        release=release, person=person, starts_on=by["now"].date(), added_by=w.cast.linzhixia,
        added_at=by["now"],
    )  # fmt: skip
    return act(release, now=by["now"])


def _into(w: World) -> Demand:
    return w.demands["collected"]


DEEDS: dict[str, Callable[[World, Act, dict[str, Any]], object]] = {
    "merge_demand": lambda w, act, by: act(w.demands["scheduled"], _into(w), **by),
    "unmerge_demand": lambda w, act, by: act(w.demands["merged"], **by),
    "split_demand": lambda w, act, by: act(
        _into(w), list(_into(w).feedback.order_by("pk")[:1]), "拜访视图按区域", **by
    ),
    "undo_split": lambda w, act, by: act(w.demands["child"], **by),
    "tell_progress": lambda w, act, by: act(_into(w), "下周给日期", **by),
    "fail_demand": lambda w, act, by: act(w.demands["unverified"], "报错", **by),
    "roll_out_to": lambda w, act, by: act(
        w.releases["planned"], w.cast.departments["east"], by["now"].date(), **by
    ),
    "roll_out_to_everybody": lambda w, act, by: act(w.releases["partial"], by["now"].date(), **by),
    "leave_out": lambda w, act, by: act(part(), **by),
    "reach_people": _reach,
    "bounce_round": lambda w, act, by: act(_queued(w), now=by["now"]),
    "pass_on_round": lambda w, act, by: _pass_on(w, act, by["now"]),
    "remind_of_round": lambda w, act, by: act(_queued(w), 1, now=by["now"]),
}


def demand_late(world: World) -> dt.datetime:
    """The planned day of a demand is long past."""
    return world.now + dt.timedelta(days=60)


def voice_said(world: World) -> None:
    """Somebody says "same here" of a ticket that a demand drives."""
    driven = Ticket.objects.filter(driver=world.demands["collected"].ref).latest("pk")
    cause = tickets.open_cause(
        title="地图空白", product=driven.product, acting_user=world.cast.linzhixia, now=world.now
    )
    tickets.link_cause(driven, cause, acting_user=world.cast.linzhixia, now=world.now)
    tickets.declare_known_issue(cause, "换浏览器", acting_user=world.cast.linzhixia, now=world.now)
    tickets.same_here(cause, "我也是", acting_user=world.cast.emma, now=world.now)


def mail_bounced(world: World) -> None:
    """The address of somebody whose word is on its way is refused for good."""
    told = _queued(world).told_to
    assert told is not None
    mark_unreachable(told.email, "550 no such user", now=world.now)
