"""More rows for whatever pages list: the set-up of the growth test."""

from __future__ import annotations

from typing import Any

from accounts.actions import create_department, create_position
from accounts.models import User
from catalog import actions as catalog
from catalog.choices import FieldTarget
from catalog.models import FieldDefinition
from core import outbox
from docs_portal.actions import PageDraft, create_page, publish_page
from feedback import actions as feedback
from tests.guards.world import World, deliver
from tests.tickets import ladder
from tickets import actions as tickets
from tickets.choices import CommentKind, Resolution, Type

#: Places that list rows → who asks for them.
GROWN = {
    "help_home": "req", "my_tickets": "req", "my_ticket:open": "req", "submit": "req",
    "submit_suggestions": "req", "desk": "agt", "ticket:open": "agt", "ticket:pushed": "own",
    "owner_page": "own", "cause:accepted": "agt", "inbox": "req", "manuals": "req",
    "manual": "agt", "page:everybody": "agt", "page_new": "agt", "demands": "agt",
    "demand:collected": "agt", "demand:verified": "req", "releases": "agt",
    "release:planned": "agt", "my_demands": "req", "demands_raised": "agt", "release_notes": "req",
    "insights": "agt", "insight": "agt", "api_tickets": "agt", "api_comments:open": "agt",
    "api_ticket:open": "agt", "api_causes": "agt", "settings_people": "adm",
    "settings_departments": "adm", "settings_positions": "adm", "settings_products": "adm",
    "settings_modules": "adm", "settings_roles": "adm", "settings_teams": "adm",
    "settings_calendars": "adm", "settings_fields": "adm", "settings_products_edit": "adm",
    "settings_modules_edit": "adm", "settings_teams_edit": "adm", "settings_people_edit": "adm",
    "settings_health": "adm", "weekly_report": "mgr", "report_rows": "mgr",
    "explore_page:trends": "mgr", "explore_page:ladder": "mgr", "explore_page:bottlenecks": "mgr",
    "explore_page:returns": "mgr", "explore_page:causes": "mgr", "explore_page:loop": "mgr",
    "explore_page:prevention": "mgr", "explore_page:service": "mgr", "explore_page:backlog": "mgr",
    "explore_page:first-pass": "mgr", "explore_page:recurrence": "mgr",
    "explore_rows:created": "mgr", "explore_rows:waiting": "mgr", "explore_rows:declined": "mgr",
    "explore_rows:told_rate": "mgr", "explore_rows_file": "mgr", "explore_file": "mgr",
    "explore_file:csv": "mgr", "ahead_of": "mgr", "ahead_file": "mgr", "api_outlooks": "mgr",
    "api_outlook": "mgr",
}  # fmt: skip
_grown = iter(range(1, 10_000))


def grow(world: World, rows: int) -> None:
    """Add `rows` of everything, through actions."""
    for _row in range(rows):
        number = next(_grown)
        _more_tickets(world, number)
        _more_demands(world, number)
        _more_settings(world, number)
    deliver(world.now)


def _more_tickets(world: World, number: int) -> None:
    cast, now = world.cast, world.now
    agent: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    ladder.submitted(cast, now, f"第 {number} 个问题")
    tickets.claim_ticket(ladder.routed(cast, now), **agent)
    bug = ladder.screened(cast, now)
    tickets.push_ticket(bug, world.causes["accepted"], **agent)
    ladder.cause(cast, now)
    tickets.declare_known_issue(ladder.cause(cast, now), f"办法 {number}", **agent)
    relayed = ladder.routed(cast, now, Type.DATA)
    tickets.relay_ticket(relayed, cast.teams["crm_development"], **agent)
    tickets.ask_requester(ladder.routed(cast, now), f"第 {number} 问", **agent)
    tickets.resolve_ticket(ladder.answered(cast, now), Resolution.ANSWERED, **agent)
    ended = tickets.resolve_ticket(ladder.answered(cast, now), Resolution.ANSWERED, **agent)
    tickets.confirm_ticket(ended, acting_user=cast.wangke, now=now)
    own = world.tickets["open"]
    tickets.add_comment(own, f"回复 {number}", **agent)
    tickets.add_comment(own, f"备注 {number}", kind=CommentKind.NOTE, **agent)
    person = _someone(world, number)
    tickets.add_watcher(own, person, **agent)


def _someone(world: World, number: int) -> User:
    from accounts.actions import PersonDraft, create_person
    from opsdesk.demo.cast import demo_password_hash

    draft = PersonDraft(
        username=f"person{number}", name=f"同事 {number}",
        department=world.cast.departments["south"], password_hash=demo_password_hash(),
        email=f"person{number}@yuanhe.example",
    )  # fmt: skip
    return create_person(draft, acting_user=world.cast.admin, now=world.now)


def _more_demands(world: World, number: int) -> None:
    cast, now = world.cast, world.now
    staff: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    crm = cast.products["crm"]
    draft = feedback.DemandDraft(f"需求 {number}", crm, kind="improvement")
    demand = feedback.create_demand(draft, **staff)
    feedback.accept_demand(demand, "可以", **staff)
    feedback.put_in_release(demand, world.releases["planned"], **staff)
    feedback.create_release(crm, f"9.{number}", **staff)
    feedback.drive_by_demand(
        ladder.screened(cast, now), world.demands["collected"], f"第 {number} 次", **staff
    )
    feedback.publish_insight(f"结论 {number}", "正文", crm, [world.tickets["open"]], **staff)
    page = PageDraft(product=crm, title=f"页 {number}", body="正文", slug=f"page-{number}")
    publish_page(create_page(page, **staff), **staff)


def _more_settings(world: World, number: int) -> None:
    cast = world.cast
    admin: dict[str, Any] = {"acting_user": cast.admin, "now": world.now}
    create_department(f"部门 {number}", cast.departments["south"], **admin)
    create_position(f"岗位 {number}", **admin)
    product = catalog.create_product(f"产品 {number}", f"p{number}", "optional", **admin)
    catalog.create_product_role(cast.products["crm"], f"角色 {number}", f"r{number}", **admin)
    catalog.create_module(cast.products["crm"], f"模块 {number}", cast.hesiyuan, **admin)
    catalog.create_feature(cast.modules["visits"], f"功能 {number}", **admin)
    team = catalog.create_team(f"组 {number}", cast.calendar, is_product_operations=False, **admin)
    catalog.set_team_products(team, [product, cast.products["crm"]], **admin)
    catalog.create_field(
        FieldDefinition(
            target=FieldTarget.TICKET, key=f"f{number}", label=f"字段 {number}", kind="text",
            product=cast.products["erp"],
        ),
        **admin,
    )  # fmt: skip
    outbox.news("nothing.heard", {"n": number}, key=f"grow:{number}", now=world.now)
