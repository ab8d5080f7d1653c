"""One company with work in every state, built through actions: what the guards walk through.

Everything is told at `NOW` (tests.cast) with the clock standing there, so what is promised for
later is still to come when a page is asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.test.client import ClientHandler
from django.utils import timezone

from accounts.actions import PersonDraft, create_person
from accounts.models import User
from catalog import actions as catalog
from catalog.choices import FieldTarget, PermissionRole
from catalog.models import Absence, CalendarDay, FieldDefinition, Grant
from core import outbox
from core.models import Notice, OutboxRow
from core.tasks import deliver_row
from docs_portal.actions import PageDraft, create_page
from docs_portal.models import Page
from feedback import actions as feedback
from feedback.models import Demand, Insight, Release, Round
from opsdesk.demo.cast import Cast, build_cast, demo_password_hash
from opsdesk.demo.pages import build_pages
from reports.actions import (
    agree_action,
    follow_touched,
    make_outlook,
    make_snapshot,
    subscribe,
)
from reports.models import AgreedAction, Snapshot, Subscription
from reports.policies.ahead.reckoning import reckon
from reports.policies.weeks import last_complete_week
from tests.cast import NOW
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
from tests.tickets import ladder
from tickets import actions as tickets
from tickets.actions.acts import Act
from tickets.choices import CommentKind, Resolution, ReturnReason, Type
from tickets.models import (
    Attachment,
    BulkRun,
    Burst,
    Cause,
    OwnerLink,
    Rule,
    RuleTrial,
    SavedView,
    Ticket,
    TicketLink,
)

#: The clock of every request: an hour after the world was made.
ASKED_AT = NOW + dt.timedelta(hours=1)
WEEK = dt.timedelta(days=7)
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@dataclass
class World:
    """What was built, by the names that `places.py` uses."""

    cast: Cast
    now: dt.datetime
    people: dict[str, User | None] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    causes: dict[str, Cause] = field(default_factory=dict)
    demands: dict[str, Demand] = field(default_factory=dict)
    bulk_runs: dict[str, BulkRun] = field(default_factory=dict)
    views: dict[str, SavedView] = field(default_factory=dict)
    link: TicketLink | None = None
    releases: dict[str, Release] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    grant: Grant | None = None
    day: CalendarDay | None = None
    field_definition: FieldDefinition | None = None
    insight: Insight | None = None
    question: Round | None = None
    snapshot: Snapshot | None = None
    agreed: AgreedAction | None = None
    subscription: Subscription | None = None
    notice: Notice | None = None
    dead_letter: OutboxRow | None = None
    owner_link: OwnerLink | None = None
    rule: Rule | None = None
    trial: RuleTrial | None = None
    absence: Absence | None = None
    bursts: dict[str, Burst] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    #: What every browser carries besides.
    cookies: dict[str, str] = field(default_factory=dict)
    #: Shared by all clients: a new one would look through the static files again.
    handler: ClientHandler = field(default_factory=lambda: ClientHandler(enforce_csrf_checks=False))

    def client(self, role: str) -> Client:
        """A browser of that role's person, signed in; a crash is a 500, as in production."""
        client = Client(raise_request_exception=False)
        client.handler = self.handler
        for name, value in self.cookies.items():
            client.cookies[name] = value
        if role in self.sessions:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[role]
        return client

    def sign_in(self) -> None:
        """Everybody signs in once; each client goes on in that session."""
        for role, person in self.people.items():
            if person is not None:
                client = Client()
                client.force_login(person, backend="accounts.backends.PeopleBackend")
                self.sessions[role] = client.cookies[settings.SESSION_COOKIE_NAME].value


#: Columns of the access matrix: short name → who that is and how they stand to what is asked for.
ROLES = {
    "out": "signed out",
    "req": "王珂, the requester of the tickets, owed word on the demands",
    "oth": "刘洋, another requester of the same department",
    "wat": "赵怡, who watches each of 王珂's tickets",
    "agt": "林知夏, agent of every product, holds the tickets",
    "ag2": "周敏, another agent, holds none",
    "agx": "Emma Clark, agent of 禾账 ERP only",
    "own": "何思源, owner of 星图 CRM, the causes are pushed to him",
    "mem": "许澄, owner of 禾账 ERP, member of the outside team a ticket was relayed to",
    "mgr": "高远, manager and analyst of everything",
    "mgx": "方远, manager of the department 华南大区 only",
    "ana": "苏白, analyst of everything, and nothing else",
    "adm": "系统管理员, administrator, and nothing else",
}


def build_world(now: dt.datetime = NOW) -> World:
    """The whole world; about 400 events. Its days are those of the company, as its acts check."""
    now = timezone.localtime(now)
    cast = build_cast(now - WEEK)
    world = World(cast, now)
    _people(world)
    build_pages(cast, now - WEEK)
    _last_week(world)
    _tickets(world)
    _conversation(world)
    _demands(world)
    deliver(now + dt.timedelta(minutes=30))
    _settings(world)
    _pages(world)
    _automation(world)
    _bulk_runs(world)
    conversation.build(world)
    submitting.build(world)
    helping.build(world)
    requiring.build(world)
    chatting.build(world)
    mailing.build(world)
    viewing.build(world)
    announcing.build(world)
    writing.build(world)
    training.build(world)
    demand_table.build(world)
    looping.build(world)
    pooling.build(world)
    spreadsheets.build(world)
    company.build(world)
    _reports(world)
    world.notice = Notice.objects.filter(recipient=cast.wangke).latest("pk")
    for kept in (world.tickets, world.causes, world.demands, world.releases):
        for row in kept.values():
            row.refresh_from_db()
    world.sign_in()
    return world


def deliver(now: dt.datetime) -> None:
    """What a worker would do with everything that is due."""
    while rows := outbox.claim(now):
        for row in rows:
            deliver_row(row, now)
    failed = OutboxRow.objects.exclude(last_error="").filter(done_at=None, failed_at=None)
    errors = list(failed.values_list("name", "last_error"))
    assert errors == [], errors


@contextmanager
def clock(moment: dt.datetime = ASKED_AT) -> Iterator[None]:
    """The clock stands at `moment`."""
    with time_machine.travel(moment, tick=False):
        yield


@contextmanager
def undone() -> Iterator[None]:
    """What is written inside is as if it had never been."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _person(world: World, username: str, name: str, department: str) -> User:
    cast = world.cast
    draft = PersonDraft(
        username=username, name=name, email=f"{username}@yuanhe.example",
        department=cast.departments[department], password_hash=demo_password_hash(),
    )  # fmt: skip
    return create_person(draft, acting_user=cast.admin, now=world.now - WEEK)


def _people(world: World) -> None:
    cast = world.cast
    given: dict[str, Any] = {"acting_user": cast.admin, "now": world.now - WEEK}
    catalog.grant_role(cast.emma, PermissionRole.AGENT, product=cast.products["erp"], **given)
    mgx = _person(world, "fangyuan", "方远", "south")
    world.grant = catalog.grant_role(
        mgx, PermissionRole.MANAGER, department=cast.departments["south"], **given
    )
    ana = _person(world, "subai", "苏白", "finance")
    catalog.grant_role(ana, PermissionRole.ANALYST, **given)
    world.people = {
        "out": None, "req": cast.wangke, "oth": cast.liuyang, "wat": cast.zhaoyi,
        "agt": cast.linzhixia, "ag2": cast.zhoumin, "agx": cast.emma, "own": cast.hesiyuan,
        "mem": cast.xucheng, "mgr": cast.gaoyuan, "mgx": mgx, "ana": ana, "adm": cast.admin,
    }  # fmt: skip


def _last_week(world: World) -> None:
    """What the weekly report tells of: tickets solved, pushed, relayed and waiting."""
    cast, then = world.cast, world.now - dt.timedelta(days=5)
    agent: dict[str, Any] = {"acting_user": cast.linzhixia, "now": then + dt.timedelta(hours=2)}
    solved = tickets.claim_ticket(ladder.answered(cast, then), **agent)
    solved = tickets.resolve_ticket(solved, Resolution.ANSWERED, **agent)
    tickets.confirm_ticket(solved, acting_user=cast.wangke, now=then + dt.timedelta(hours=4))
    tickets.resolve_ticket(ladder.answered(cast, then), Resolution.ANSWERED, **agent)
    tickets.relay_ticket(
        ladder.routed(cast, then, Type.DATA), cast.teams["recognition"], "样张见附件", **agent
    )
    tickets.ask_requester(ladder.routed(cast, then), "哪个浏览器？", **agent)
    ladder.pushed(cast, then)


def _tickets(world: World) -> None:
    """A ticket of 王珂 in each state, and one of 刘洋 that is foreign to her."""
    cast, now, kept = world.cast, world.now, world.tickets
    agent: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    requester: dict[str, Any] = {"acting_user": cast.wangke, "now": now}
    kept["new"] = ladder.submitted(cast, now)
    kept["open"] = tickets.claim_ticket(ladder.routed(cast, now), **agent)
    kept["answered"] = tickets.claim_ticket(ladder.answered(cast, now), **agent)
    kept["asked"] = tickets.ask_requester(ladder.routed(cast, now), "哪个浏览器？", **agent)
    kept["screened"] = tickets.claim_ticket(ladder.screened(cast, now), **agent)
    kept["pushed"] = ladder.pushed(cast, now)
    world.causes["accepted"] = Cause.objects.get(tickets=kept["pushed"])
    world.causes["pushed"] = ladder.cause(cast, now)
    tickets.push_ticket(ladder.screened(cast, now), world.causes["pushed"], **agent)
    world.causes["known"] = tickets.declare_known_issue(
        ladder.cause(cast, now), "先用网页版提交。", **agent
    )
    erp = {"product": cast.products["erp"]}
    routed = tickets.edit_ticket(
        ladder.submitted(cast, now, "发票识别失败", **erp),
        {"type": Type.DATA, "module": cast.modules["expenses"]}, **agent,
    )  # fmt: skip
    kept["relayed"] = tickets.relay_ticket(routed, cast.teams["recognition"], "样张见附件", **agent)
    kept["resolved"] = tickets.resolve_ticket(
        ladder.answered(cast, now), Resolution.ANSWERED, **agent
    )
    closed = tickets.resolve_ticket(ladder.answered(cast, now), Resolution.ANSWERED, **agent)
    kept["closed"] = tickets.confirm_ticket(closed, **requester)
    kept["cancelled"] = tickets.withdraw_ticket(
        ladder.submitted(cast, now), "自己好了", **requester
    )
    secret = tickets.claim_ticket(ladder.submitted(cast, now, "薪资数据看得到"), **agent)
    kept["confidential"] = tickets.edit_ticket(secret, {"confidential": True}, **agent)
    draft = tickets.TicketDraft(cast.products["erp"], "报销单保存不了")
    kept["foreign"] = tickets.submit_ticket(draft, acting_user=cast.liuyang, now=now)
    for name, ticket in kept.items():
        if name != "foreign":
            tickets.add_watcher(ticket, cast.zhaoyi, **requester)


def _file(name: str = "screen.png", content: bytes = PNG) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def _conversation(world: World) -> None:
    """A public reply and an internal note, each with a file."""
    cast, now = world.cast, world.now
    ticket = world.tickets["open"]
    said: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    tickets.add_comment(ticket, "请看截图。", files=[_file()], **said)
    tickets.add_comment(
        ticket, "数据库里已核实。", kind=CommentKind.NOTE, files=[_file("log.txt", b"rows: 3")],
        **said,
    )  # fmt: skip
    public, note = Attachment.objects.filter(ticket=ticket).order_by("pk")
    world.attachments = {"public": public, "note": note}
    tickets.chase_cause(world.causes["accepted"], **said)
    slipped = now.date() + dt.timedelta(days=5)
    tickets.change_promised_date(
        world.causes["accepted"], slipped, acting_user=cast.hesiyuan, now=now
    )
    declined = ladder.cause(cast, now)
    world.causes["declined"] = tickets.decline_cause(
        declined, ReturnReason.INCOMPLETE, "缺少复现步骤", acting_user=cast.hesiyuan, now=now
    )
    world.causes["bounced"] = _bounced(world)
    world.owner_link = OwnerLink.objects.get(cause=world.causes["pushed"])


def _bounced(world: World) -> Cause:
    """Sent back three times: the manager names its owner."""
    cast, now = world.cast, world.now
    cause = ladder.cause(cast, now)
    for turn in range(3):
        if turn:
            cause = tickets.push_cause(cause, cast.hesiyuan, acting_user=cast.linzhixia, now=now)
        cause = tickets.decline_cause(
            cause, ReturnReason.MISJUDGED, "不是这里", acting_user=cast.hesiyuan, now=now
        )
    return cause


def _demands(world: World) -> None:
    """A demand in each state that pages tell apart; one is released, verified and asked about."""
    cast, now, kept = world.cast, world.now, world.demands
    staff: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}

    def demand(title: str) -> Demand:
        draft = feedback.DemandDraft(title, cast.products["crm"], kind="defect")
        return feedback.create_demand(draft, **staff)

    def driven(title: str, words: str) -> Demand:
        row = demand(title)
        feedback.drive_by_demand(ladder.screened(cast, now), row, words, **staff)
        return row

    kept["collected"] = driven("主管视图按现任下属取数", "我这边一条都没有")
    world.tickets["driven"] = Ticket.objects.get(driver=kept["collected"].ref)
    kept["declined"] = feedback.decline_demand(demand("深色打印"), "印出来不清楚", **staff)
    kept["accepted"] = feedback.accept_demand(demand("批量导出客户"), "三个大区都要", **staff)
    kept["scheduled"] = feedback.schedule_demand(
        feedback.accept_demand(demand("拜访照片压缩"), "省流量", **staff),
        now.date() + WEEK, **staff,
    )  # fmt: skip
    kept["developing"] = feedback.start_development(
        feedback.schedule_demand(
            feedback.accept_demand(demand("拜访提醒"), "常忘", **staff),
            now.date() + WEEK, **staff,
        ),
        **staff,
    )  # fmt: skip
    world.releases["planned"] = feedback.create_release(cast.products["crm"], "5.8", **staff)
    world.releases["ready"] = _release(world, driven("拜访列表分页", "翻不动"), "5.7")
    kept["testing"] = world.releases["ready"].demands.get()
    published = _release(world, driven("草稿自动保存", "写一半丢了"), "5.6")
    world.releases["released"] = feedback.publish_release(published, **staff)
    kept["unverified"] = world.releases["released"].demands.get()
    asked = _release(world, driven("签到定位漂移", "总在河里"), "5.5")
    feedback.publish_release(asked, **staff)
    kept["verified"] = feedback.verify_demand(
        asked.demands.get(), acting_user=cast.zhoumin, now=now
    )
    world.tickets["verified"] = Ticket.objects.get(driver=kept["verified"].ref)
    world.question = Round.objects.get(obligation__demand=kept["verified"], kind="release")
    world.insight = feedback.publish_insight(
        "新主管看不到历史数据", "组织调整后视图仍按旧部门取数。", cast.products["crm"],
        [world.tickets["open"], world.tickets["closed"]], **staff,
    )  # fmt: skip


def _release(world: World, demand: Demand, name: str) -> Release:
    """A planned release with a complete gate that carries the demand."""
    staff: dict[str, Any] = {"acting_user": world.cast.linzhixia, "now": world.now}
    feedback.accept_demand(demand, "影响三个大区", **staff)
    feedback.schedule_demand(demand, world.now.date() + WEEK, **staff)
    feedback.start_development(demand, **staff)
    feedback.start_testing(demand, **staff)
    release = feedback.create_release(demand.product, name, **staff)
    feedback.put_in_release(demand, release, **staff)
    gate = {"pages_unchanged": True, "announcement": "保存时不再丢字", "measures_nothing": True}
    feedback.fill_gate(release, gate, **staff)
    return feedback.see_people(release, **staff)


def _settings(world: World) -> None:
    cast = world.cast
    admin: dict[str, Any] = {"acting_user": cast.admin, "now": world.now}
    world.day = catalog.set_day(cast.calendar, world.now.date() + WEEK, False, "司庆", **admin)
    definition = FieldDefinition(
        target=FieldTarget.TICKET, key="order_no", label="单号", label_en="Order no.", kind="text",
        product=cast.products["erp"],
    )  # fmt: skip
    world.field_definition = catalog.create_field(definition, **admin)
    world.dead_letter = OutboxRow.objects.create(
        kind=OutboxRow.Kind.NOTICE, name="ticket.reply", key="world:dead", created_at=world.now,
        due_at=world.now, attempts=8, failed_at=world.now, last_error="ConnectionError: refused",
    )  # fmt: skip


def _pages(world: World) -> None:
    """Pages for everybody, for the sales director, for another role; and a draft."""
    cast = world.cast
    world.pages = {
        "everybody": Page.objects.get(slug="introduction"),
        "director": Page.objects.get(slug="customer-export"),
        "clerk": Page.objects.get(slug="month-end"),
        "draft": create_page(
            PageDraft(
                product=cast.products["crm"], title="合同套打", body="## 怎样打印\n\n1. 打开合同。",
                slug="contract-print",
            ),
            acting_user=cast.shenyi, now=world.now,
        ),
    }  # fmt: skip


def _automation(world: World) -> None:
    """A rule that does nothing yet with its dry run, an absence to come, two bursts."""
    cast, now = world.cast, world.now
    admin: dict[str, Any] = {"acting_user": cast.admin, "now": now}
    note = {"verb": "note", "params": {"body": "请核对模块"}}
    draft = tickets.RuleDraft("退回后提醒", {"kind": "returned"}, ["product:is:crm"], [note])
    world.rule = tickets.create_rule(draft, **admin)
    policy = {"name": "看板加急", "position": 1, "product_ids": [cast.products["board"].pk],
              "targets": {"0": [600, 3600]}}  # fmt: skip
    tickets.create_policy(policy, **admin)
    world.trial = tickets.start_trial(draft, rule=world.rule, **admin)
    later = now.date() + dt.timedelta(days=30)
    world.absence = catalog.plan_absence(cast.zhoumin, later, later, "年假", **admin)
    seen: dict[str, Any] = {
        "began_at": now, "last_seen_at": now, "requesters": 6, "usual": 1.0, "threshold": 5,
    }  # fmt: skip
    world.bursts["visits"] = Burst.objects.create(module=cast.modules["visits"], **seen)
    world.bursts["known"] = Burst.objects.create(
        module=cast.modules["customers"], cause=world.causes["known"], **seen
    )


def _bulk_runs(world: World) -> None:
    """One that is over, with a refusal, and one that has not begun."""
    said: dict[str, Any] = {"acting_user": world.cast.linzhixia, "now": world.now}
    act = Act("watch", {"user": world.cast.chenlu.pk})
    over = [(world.tickets["open"].pk, None), (world.tickets["foreign"].pk, None)]
    world.bulk_runs["over"] = tickets.start_bulk_run(act, over, **said)
    tickets.continue_bulk_run(world.bulk_runs["over"], now=world.now)
    world.link = tickets.link_tickets(
        world.tickets["open"], world.tickets["asked"], "relates", **said
    )
    going = [(world.tickets["new"].pk, None)]
    world.bulk_runs["going"] = tickets.start_bulk_run(act, going, **said)


def _reports(world: World) -> None:
    """Facts up to now, and the report of the week before."""
    while follow_touched(world.now):
        pass
    world.snapshot = make_snapshot(last_complete_week(world.now), world.now)
    make_outlook(last_complete_week(world.now), world.now, reckon)
    world.subscription = subscribe(
        world.cast.gaoyuan, "week", acting_user=world.cast.gaoyuan, now=world.now
    )
    world.agreed = agree_action(
        world.snapshot, "每天看一次退单原因", world.cast.linzhixia, world.now.date(),
        acting_user=world.cast.gaoyuan, now=world.now,
    )  # fmt: skip
