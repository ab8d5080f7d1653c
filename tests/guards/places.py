"""Every address of the house with something of the world to ask it for, and a form it accepts.

A new route needs its arguments in `ARGUMENTS` (when its path takes any) and, when it takes a
POST, what a fitting person would send in `tests/guards/sendings.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from core.channels.stopping import stop_token
from core.events import history
from reports.rendering.explore.pages import PAGES as EXPLORE_PAGES
from tests.guards import (
    announcing,
    chatting,
    company,
    conversation,
    demand_table,
    helping,
    looping,
    mailing,
    pooling,
    requiring,
    spreadsheets,
    submitting,
    training,
    viewing,
    writing,
)
from tests.guards.world import World
from tickets.models import DueRun, ServicePolicy
from tickets.policies.owner_links import token_of

API = "api/v1/"


@dataclass(frozen=True)
class Route:
    """One named address pattern of ours; `area` is the app that answers it, or "api"."""

    name: str
    pattern: str
    area: str

    @property
    def takes_arguments(self) -> bool:
        return "<" in self.pattern


@dataclass(frozen=True)
class Place:
    """One address of a route, asked for one thing of the world."""

    route: Route
    case: str
    path: str

    @property
    def name(self) -> str:
        return f"{self.route.name}:{self.case}" if self.case else self.route.name


def routes() -> list[Route]:
    """Every named route, in the order in which the resolver tries them."""
    return list(_walk(get_resolver(), ""))


def _walk(resolver: URLResolver, before: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        pattern = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, pattern)
        elif isinstance(entry, URLPattern):
            app = entry.callback.__module__.split(".")[0]
            area = "api" if pattern.startswith(API) else app
            yield Route(entry.name or pattern, pattern, area)


AREAS = sorted({route.area for route in routes()})

#: Ticket routes → the tickets of the world they are asked for; the first is the fitting one.
_TICKETS: dict[str, tuple[str, ...]] = {
    "ticket": ("open", "pushed", "relayed", "driven", "confidential", "foreign"),
    "ticket_related": ("open", "pushed", "relayed", "confidential", "foreign"),
    "ticket_clock": ("open", "pushed", "relayed", "confidential", "foreign"),
    "ticket_holders": ("open", "confidential", "foreign"),
    "ticket_teams": ("open", "confidential", "foreign"),
    "ticket_skip": ("open", "foreign"),
    "ticket_fields": ("open", "foreign"),
    "my_ticket": ("open", "resolved", "verified", "confidential", "foreign"),
    "api_ticket": ("open", "pushed", "relayed", "confidential", "foreign"),
    "api_comments": ("open", "pushed", "relayed", "confidential", "foreign"),
    "ticket_reply": ("open", "pushed", "relayed", "confidential", "foreign"),
    "ticket_edit": ("open", "pushed", "relayed", "confidential", "foreign"),
    "claim": ("new",),
    "return_relay": ("relayed",),
    "deliver_relay": ("relayed",),
    "return": ("screened",),
    "link_cause": ("screened",),
    "push": ("screened",),
    "resolve": ("answered",),
    "merge": ("new",),
    "restore": ("cancelled",),
    "reopen": ("resolved",),
    "confirm": ("resolved",),
    "withdraw": ("new",),
    "rate": ("closed",),
    "my_ticket_reply": ("asked", "confidential"),
    "drive": ("screened",),
}
_CAUSES: dict[str, tuple[str, ...]] = {
    "cause": ("accepted", "pushed", "known"),
    "accept": ("pushed",),
    "decline": ("pushed",),
    "push": ("declined",),
    "chase": ("known",),
    "name_owner": ("bounced",),
}


#: Verbs of a demand or a release → the one of the world they fit.
_DEMANDS = {
    "": "collected", "answer": "verified", "schedule": "accepted", "date": "scheduled",
    "develop": "scheduled", "test": "developing", "back_to_development": "testing",
    "carry": "accepted", "verify": "unverified", "close": "verified", "appeal": "declined",
}  # fmt: skip
_RELEASES = {"publish": "ready", "roll_back": "released"}
_DEMANDS.update(looping.DEMANDS)
_RELEASES.update(looping.RELEASES)


def _verb_of(route: str, *families: str) -> str:
    for family in families:
        route = route.removeprefix(family)
    return route


def _ticket_cases(world: World, route: Route) -> dict[str, tuple[Any, ...]]:
    verb = _verb_of(route.name, "api_", "my_", "ticket_")
    wanted = _TICKETS.get(route.name) or _TICKETS.get(verb, ("open",))
    return {name: (world.tickets[name].pk,) for name in wanted}


def _cause_cases(world: World, route: Route) -> dict[str, tuple[Any, ...]]:
    verb = _verb_of(route.name, "api_", "cause_")
    wanted = _CAUSES.get(verb, ("accepted",))
    return {name: (world.causes[name].pk,) for name in wanted}


def _demand_cases(world: World, route: Route) -> dict[str, tuple[Any, ...]]:
    verb = route.name.removeprefix("api_").removeprefix("demand").lstrip("_")
    if verb == "drive":
        return {"screened": (world.tickets["screened"].pk,)}
    named = {_DEMANDS.get(verb, "collected"): 0} | ({} if verb else {"verified": 0, "declined": 0})
    return {name: (world.demands[name].pk,) for name in named}


def _release_cases(world: World, route: Route) -> dict[str, tuple[Any, ...]]:
    verb = route.name.removeprefix("api_").removeprefix("release").lstrip("_")
    if verb == "take_out":
        return {"ready": (world.releases["ready"].pk, world.demands["testing"].pk)}
    named = [_RELEASES.get(verb, "planned")] if verb else ["planned", "ready", "released"]
    return {name: (world.releases[name].pk,) for name in named}


def _insight_cases(world: World, route: Route) -> dict[str, tuple[Any, ...]]:
    assert world.insight is not None
    return {"": (world.insight.pk,)}


def _explore_cases(world: World, route: Route) -> dict[str, tuple[Any, ...]]:
    """Every explore page, the lists behind them, and names of neither."""
    if route.name == "explore_page":
        return {kind: (kind,) for kind in (*EXPLORE_PAGES, "unknown")}
    if route.name == "explore_file":
        return {"": ("ladder", "xlsx"), "csv": ("returns", "csv"), "unknown": ("trends", "exe")}
    if route.name == "explore_rows":
        listed = ("created", "waiting", "declined", "told_rate", "no-such-figure")
        return {figure: (figure,) for figure in listed}
    return {"": ("resolved", "csv"), "unknown": ("resolved", "exe")}


def _report_cases(world: World, route: Route) -> dict[str, tuple[Any, ...]]:
    """The week of the snapshot, and one that has none yet."""
    assert world.snapshot is not None
    week, missing = world.snapshot.period, "2026-W40"
    if route.name == "report_rows":
        return {"": (week, "created"), "unknown": (week, "no-such-figure")}
    if route.name == "report_file":
        return {"": (week, "xlsx"), "pdf": (week, "pdf"), "unknown": (week, "exe")}
    if route.name == "ahead_file":
        return {"": (week, "xlsx"), "unknown": (week, "exe"), "missing": (missing, "csv")}
    if route.name in ("report_annex", "report_subscribe", "api_report", "api_outlook"):
        return {"": (week,), "missing": (missing,)}
    if route.name == "report_unsubscribe":
        assert world.subscription is not None
        return {"": (week, world.subscription.pk)}
    if route.name == "api_report_rows":
        return {"": (week, "created"), "unknown": (week, "no-such-figure")}
    if route.name == "settings_target":
        return {"": ("told_rate",), "without": ("created",)}
    if route.name == "reports_latest":
        return {"": ("month",), "unknown": ("fortnight",)}
    if route.name == "rows_file":
        return {"": (week, "created", "csv"), "unknown": (week, "created", "exe")}
    if route.name == "order_report":
        return {"missing": (missing,)}
    if route.name == "action_end":
        assert world.agreed is not None
        return {"": (world.agreed.pk,)}
    return {"": (week,), "missing": (missing,), "nonsense": ("2026-W99",)}


def _attachment_cases(world: World, route: Route) -> dict[str, tuple[Any, ...]]:
    named = "<str:name>" in route.pattern
    return {
        case: (file.pk, file.name) if named else (file.pk,)
        for case, file in world.attachments.items()
    }


def _page_cases(world: World, route: Route) -> dict[str, tuple[Any, ...]]:
    pages = {case: (page.manual.product.code, page.slug) for case, page in world.pages.items()}
    return {**pages, "missing": ("crm", "no-such-page")}


def _settings_row(world: World, section: str) -> Any:
    cast = world.cast
    rows: dict[str, Callable[[], Any]] = {
        "people": lambda: cast.liuyang, "departments": lambda: cast.departments["east"],
        "positions": lambda: cast.positions["sales_director"],
        "products": lambda: cast.products["crm"], "modules": lambda: cast.modules["visits"],
        "roles": lambda: cast.roles["crm_director"],
        "teams": lambda: cast.teams["operations"], "calendars": lambda: cast.calendar,
        "fields": lambda: world.field_definition, "sections": submitting.section,
        "policies": lambda: ServicePolicy.objects.get(is_default=True),
    }  # fmt: skip
    return rows[section]()


def _settings_cases(world: World, route: Route) -> dict[str, tuple[Any, ...]]:
    section = route.name.split("_")[1]
    if section == "health":
        assert world.dead_letter is not None
        return {"": (world.dead_letter.pk,)}
    row = _settings_row(world, section)
    ending = route.name.removeprefix(f"settings_{section}_")
    if ending == "edit":
        return {"": (row.pk,)}
    if ending == "do":
        first = {"fields": "up"}.get(section, "deactivate")
        return {first: (row.pk, first), "unknown": (row.pk, "explode")}
    if ending == "add":
        return {panel: (row.pk, panel) for panel in PANELS[section]}
    if ending == "remove":
        return _removals(world, section)
    raise KeyError(route.name)


#: Section → its panels, the one with something to remove first.
PANELS = {
    "people": ("grants", "exceptions", "departure"),
    "products": ("modules", "roles"),
    "modules": ("features",),
    "teams": ("members", "duty"),
    "calendars": ("days",),
}


def _removals(world: World, section: str) -> dict[str, tuple[Any, ...]]:
    cast = world.cast
    assert world.grant is not None
    assert world.day is not None
    team = cast.teams["operations"]
    exception = cast.liuyang.role_exceptions.get()
    found: dict[str, dict[str, tuple[Any, ...]]] = {
        "people": {
            "grants": (world.grant.user_id, "grants", world.grant.pk),
            "exceptions": (cast.liuyang.pk, "exceptions", exception.pk),
        },
        "products": {"modules": (cast.products["crm"].pk, "modules", cast.modules["visits"].pk)},
        "modules": {
            "features": (cast.modules["visits"].pk, "features", cast.features["提交拜访记录"].pk)
        },
        "teams": {
            "members": (team.pk, "members", cast.shenyi.pk),
            "duty": (team.pk, "duty", team.duty.latest("first_day").pk),
        },
        "calendars": {"days": (cast.calendar.pk, "days", world.day.pk)},
    }
    return found[section]


def _reset_link(world: World, route: Route) -> dict[str, tuple[Any, ...]]:
    person = world.cast.wangke
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    return {"": (uid, default_token_generator.make_token(person)), "forged": (uid, "x-y")}


def _notice(world: World, route: Route) -> dict[str, tuple[Any, ...]]:
    assert world.notice is not None
    return {"": (world.notice.pk,)}


def _bulk_cases(world: World, route: Route) -> dict[str, tuple[Any, ...]]:
    wanted = ("going",) if route.name.endswith("stop") else ("over", "going")
    return {name: (world.bulk_runs[name].pk,) for name in wanted}


def _undo_cases(world: World, route: Route) -> dict[str, tuple[Any, ...]]:
    """The last act of an agent, or of the requester on their own page."""
    own = route.name.startswith("my_")
    ticket = world.tickets["resolved" if own else "open"]
    actor = world.cast.wangke if own else world.cast.linzhixia
    act = history("ticket", ticket.pk).filter(actor_id=actor.pk).last()
    assert act is not None
    return {"": (ticket.pk, act.version)}


def _rule_cases(world: World, route: Route) -> dict[str, tuple[Any, ...]]:
    row = world.trial if "trial" in route.name else world.rule
    assert row is not None
    return {"": (row.pk,)}


def _burst_cases(world: World, route: Route) -> dict[str, tuple[Any, ...]]:
    wanted = "known" if route.name == "burst_attach" else "visits"
    return {wanted: (world.bursts[wanted].pk,)}


def _absence_cases(world: World, route: Route) -> dict[str, tuple[Any, ...]]:
    assert world.absence is not None
    return {"": (world.absence.pk,)}


def _owner_link(world: World, route: Route) -> dict[str, tuple[Any, ...]]:
    assert world.owner_link is not None
    return {"": (token_of(world.owner_link.nonce),), "forged": ("x" * 43,)}


def _stop_links(world: World, route: Route) -> dict[str, tuple[Any, ...]]:
    return {"": (stop_token(world.cast.wangke.pk, "ticket-reply"),), "forged": ("x",)}


Cases = Callable[[World, Route], Mapping[str, tuple[Any, ...]]]
#: Beginnings of route names, the longest that fits counts → what their addresses are asked for.
ARGUMENTS: dict[str, Cases] = {
    "password_reset_confirm": _reset_link,
    "notice_open": _notice,
    "unsubscribe": _stop_links,
    "settings_": _settings_cases,
    "settings_due_run": lambda world, route: {"": (DueRun.objects.latest("pk").pk,)},
    "api_policy": lambda world, route: {"": (ServicePolicy.objects.get(is_default=True).pk,)},
    "settings_rule": _rule_cases,
    "api_rule": _rule_cases,
    "settings_channels": lambda world, route: {"": (world.cast.teams["recognition"].pk,)},
    "owner_link": _owner_link,
    "burst_": _burst_cases,
    "absence_": _absence_cases,
    "hand_over": lambda world, route: {"": (world.cast.linzhixia.pk,)},
    "manual": lambda world, route: {"": ("crm",)},
    "page": _page_cases,
    "manual_pdf": lambda world, route: {"": ("crm",)},
    "page_pdf": _page_cases,
    "manual_export": lambda world, route: {"": ("crm",)},
    "page_new": lambda world, route: {"": ("crm",)},
    "page_edit": lambda world, route: {"": (world.pages["draft"].pk,)},
    "page_publish": lambda world, route: {"": (world.pages["draft"].pk,)},
    "page_retire": lambda world, route: {"": (world.pages["everybody"].pk,)},
    "ticket": _ticket_cases,
    "ticket_related": _ticket_cases,
    "my_ticket": _ticket_cases,
    "api_ticket": _ticket_cases,
    "api_comments": _ticket_cases,
    "ticket_undo": _undo_cases,
    "my_ticket_undo": _undo_cases,
    "bulk_": _bulk_cases,
    "view_": viewing.cases,
    "api_view": viewing.cases,
    "api_bulk_run": _bulk_cases,
    "cause": _cause_cases,
    "api_cause": _cause_cases,
    "demand": _demand_cases,
    "demand_view_": demand_table.view_cases,
    "demands_undo": demand_table.undo_cases,
    "release": _release_cases,
    "insight": _insight_cases,
    "weekly_report": _report_cases,
    "ahead_of": _report_cases,
    "ahead_file": _report_cases,
    "reports_latest": _report_cases,
    "settings_target": _report_cases,
    "report_annex": _report_cases,
    "report_subscribe": _report_cases,
    "report_unsubscribe": _report_cases,
    "api_report": _report_cases,
    "api_report_rows": _report_cases,
    "api_outlook": _report_cases,
    "explore_page": _explore_cases,
    "explore_file": _explore_cases,
    "explore_rows": _explore_cases,
    "explore_rows_file": _explore_cases,
    "report_rows": _report_cases,
    "report_file": _report_cases,
    "rows_file": _report_cases,
    "order_report": _report_cases,
    "conclusion_edit": _report_cases,
    "action_new": _report_cases,
    "action_end": _report_cases,
    "attachment": _attachment_cases,
    "api_attachment": _attachment_cases,
    **spreadsheets.ARGUMENTS,
    **company.ARGUMENTS,
    **conversation.ARGUMENTS,
    **submitting.ARGUMENTS,
    **helping.ARGUMENTS,
    **requiring.ARGUMENTS,
    **announcing.ARGUMENTS,
    **writing.ARGUMENTS,
    **training.ARGUMENTS,
    **chatting.ARGUMENTS,
    **mailing.ARGUMENTS,
    "api_demand": _demand_cases,
    "api_release": _release_cases,
    **looping.ARGUMENTS,
    **pooling.ARGUMENTS,
}


def places(world: World, area: str | None = None) -> list[Place]:
    """Every route with every case; a route whose arguments nobody named fails here."""
    found: list[Place] = []
    for route in routes():
        if area is None or route.area == area:
            found += _places_of(world, route)
    return found


def _places_of(world: World, route: Route) -> Iterator[Place]:
    if not route.takes_arguments:
        yield Place(route, "", reverse(route.name))
        return
    fitting = [start for start in ARGUMENTS if route.name.startswith(start)]
    if not fitting:
        raise LookupError(f"{route.name} ({route.pattern}): name its arguments in ARGUMENTS")
    cases = ARGUMENTS[max(fitting, key=len)](world, route)
    for case, arguments in cases.items():
        yield Place(route, case, reverse(route.name, args=arguments))
