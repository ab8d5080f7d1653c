"""Weeks of ordinary work in the demo company, through the real actions, the same every time."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from accounts.models import User
from catalog.access import calendar_of
from core.worktime import add_working_days
from feedback.actions import (
    DemandDraft,
    accept_demand,
    create_demand,
    create_release,
    decline_demand,
    drive_by_demand,
    evaluate_demand,
    fill_gate,
    publish_release,
    put_in_release,
    read_rounds,
    schedule_demand,
    see_people,
    start_development,
    start_testing,
    verify_demand,
)
from feedback.models import Demand
from opsdesk.demo.lives import NEEDS, TROUBLES, WISHES, Need, Trouble, Wish
from opsdesk.demo.play import Play, Story, at
from tickets.actions import (
    TicketDraft,
    accept_cause,
    add_comment,
    ask_requester,
    chase_cause,
    claim_ticket,
    confirm_ticket,
    decline_cause,
    deliver_cause,
    deliver_relay,
    edit_ticket,
    move_up,
    open_cause,
    push_cause,
    push_ticket,
    reject_ticket,
    relay_ticket,
    reopen_ticket,
    resolve_ticket,
    return_relay,
    submit_ticket,
    withdraw_ticket,
)
from tickets.actions.closing import close_silent
from tickets.choices import (
    FAMILY_OF,
    CauseState,
    Family,
    Impact,
    Resolution,
    ReturnReason,
    Type,
)
from tickets.models import Cause, Ticket

#: Tickets submitted per week before the current one, oldest first; the worked week comes on top.
PER_WEEK = (13, 16, 12, 17, 14)
THIS_WEEK = 9
AGENTS = ("linzhixia", "zhoumin", "chenlu")


@dataclass
class Company:
    """What the stories share: the dice, and the causes and demands that are open."""

    play: Play
    dice: random.Random
    causes: dict[str, Cause] = field(default_factory=dict)
    demands: dict[str, Demand] = field(default_factory=dict)

    def agent(self) -> User:
        return self.person(self.dice.choice(AGENTS))

    def person(self, username: str) -> User:
        return self.play.cast.people[username]


def tell_weeks(play: Play, monday: dt.date) -> None:
    """Five weeks from `monday` on and the one that runs, each with its share of tickets."""
    company = Company(play, random.Random(20261116))  # noqa: S311  (dice of a play)
    calendar = calendar_of(play.cast.teams["operations"])
    needs: list[Need] = []
    for week, count in enumerate((*PER_WEEK, THIS_WEEK)):
        first = monday + dt.timedelta(weeks=week)
        days = [first + dt.timedelta(days=n) for n in range(7)]
        days = [day for day in days if calendar.is_working_day(day)] or days[:1]
        for _ in range(count):
            if not needs:
                needs = list(NEEDS)
                company.dice.shuffle(needs)
            day = company.dice.choice(days)
            clock = f"{company.dice.randint(9, 17):02}:{company.dice.randint(0, 59):02}"
            play.tell(_life(company, needs.pop()), at(day, 0, clock))
        for day in days:
            play.tell(_evening, at(day, 0, "19:00"))


def _evening(play: Play) -> Story:
    """What the clock does every day."""
    close_silent(play.now)
    yield from ()


def _life(company: Company, need: Need) -> Callable[[Play], Story]:
    def story(play: Play) -> Story:
        dice = company.dice
        draft = TicketDraft(product=play.cast.products[need.product], description=need.text)
        ticket = submit_ticket(draft, acting_user=company.person(need.who), now=play.now)
        yield play.after(dice.uniform(0.1, 2.2))
        if dice.random() < 0.03:
            withdraw_ticket(
                ticket, "自己找到了", acting_user=company.person(need.who), now=play.now
            )
            return
        agent = company.agent()
        claim_ticket(ticket, acting_user=agent, now=play.now)
        fields = {
            "type": need.type,
            "module": play.cast.modules[need.module],
            "impact": dice.choice((Impact.ONLY_ME, Impact.ONLY_ME, Impact.MY_GROUP)),
        }
        edit_ticket(ticket, fields, acting_user=agent, now=play.now)
        yield play.after(dice.uniform(0.1, 1.5))
        yield from _handled(company, need, ticket, agent)

    return story


def _handled(company: Company, need: Need, ticket: Ticket, agent: User) -> Story:
    if need.demand:
        yield from _driven(company, need, ticket, agent)
    elif need.cause:
        yield from _pushed(company, need, ticket, agent)
    elif not need.answer:
        yield from _relayed(company, need, ticket, agent)
    elif FAMILY_OF[Type(need.type)] == Family.TECHNICAL:
        yield from _fixed(company, need, ticket, agent)
    else:
        yield from _answered(company, need, ticket, agent, need.answer)


def _answered(company: Company, need: Need, ticket: Ticket, agent: User, words: str) -> Story:
    play, dice = company.play, company.dice
    if dice.random() < 0.15:
        ask_requester(ticket, "请发一张截图，说明是在哪一步。", acting_user=agent, now=play.now)
        if dice.random() < 0.2:
            yield play.after(24)
            resolve_ticket(ticket, Resolution.NO_REPLY, acting_user=agent, now=play.now)
            return
        yield play.after(dice.uniform(1, 10))
        add_comment(
            ticket, "截图已附上，就在第二步。", acting_user=company.person(need.who), now=play.now
        )
        yield play.after(dice.uniform(0.2, 2))
    add_comment(ticket, words, acting_user=agent, now=play.now)
    page = play.page_of(play.again(ticket)) if dice.random() < 0.75 else None
    answer: dict[str, Any] = {"answer_page": page} if page else {"answer_gap": True}
    edit_ticket(ticket, answer, acting_user=agent, now=play.now)
    configured = need.type in (Type.CONFIGURATION, Type.ACCESS)
    code = Resolution.CONFIGURED if configured else Resolution.ANSWERED
    yield play.after(dice.uniform(0.05, 0.5))
    resolve_ticket(ticket, code, acting_user=agent, now=play.now)
    yield from _end(company, need, ticket, agent, code)


def _end(company: Company, need: Need, ticket: Ticket, agent: User, code: str) -> Story:
    """The requester confirms, comes back once, or says nothing."""
    play, dice = company.play, company.dice
    who = company.person(need.who)
    luck = dice.random()
    if luck > 0.72:
        return
    yield play.after(dice.uniform(0.5, 14))
    if not _is(play, ticket, "resolved"):
        return
    if luck < 0.08:
        reopen_ticket(ticket, "还是不行，和之前一样", acting_user=who, now=play.now)
        yield play.after(dice.uniform(1, 6))
        add_comment(ticket, "已再处理一次，请重新登录后再试。", acting_user=agent, now=play.now)
        resolve_ticket(ticket, code, acting_user=agent, now=play.now)
        yield play.after(dice.uniform(1, 8))
    if _is(play, ticket, "resolved"):
        confirm_ticket(ticket, acting_user=who, now=play.now)


def _is(play: Play, ticket: Ticket, status: str) -> bool:
    return play.again(ticket).status == status


def _screen(company: Company, need: Need, ticket: Ticket, agent: User, why: str) -> None:
    now, module = company.play.now, company.play.cast.modules[need.module]
    trouble = TROUBLES.get(need.cause)
    move_up(ticket, 2, acting_user=agent, now=now)
    fields = {
        "suspected_module": module,
        "suspected_category": trouble.category if trouble else "data",
        "suspected_cause": why,
        "evidence": "用测试账号按同样步骤复现",
    }
    edit_ticket(ticket, fields, acting_user=agent, now=now)


def _fixed(company: Company, need: Need, ticket: Ticket, agent: User) -> Story:
    """A technical ticket that product operations solves itself."""
    play, dice = company.play, company.dice
    trouble = TROUBLES.get(need.cause)
    why = trouble.why if trouble else need.answer or "识别规则没有覆盖这种票据"
    _screen(company, need, ticket, agent, why)
    yield play.after(dice.uniform(1, 6))
    add_comment(ticket, need.answer or "已修复，请再试一次。", acting_user=agent, now=play.now)
    resolve_ticket(ticket, Resolution.FIXED, acting_user=agent, now=play.now)
    yield from _end(company, need, ticket, agent, Resolution.FIXED)


def _relayed(company: Company, need: Need, ticket: Ticket, agent: User) -> Story:
    play, dice, other = company.play, company.dice, company.play.cast.xucheng
    relay_ticket(
        ticket, play.cast.teams["recognition"], "识别结果不对", acting_user=agent, now=play.now
    )
    yield play.after(dice.uniform(2, 16))
    if need.type == Type.HOW_TO or dice.random() < 0.15:
        return_relay(
            ticket, ReturnReason.MISJUDGED, "这是用法问题", acting_user=other, now=play.now
        )
        yield play.after(dice.uniform(0.5, 3))
        if need.type == Type.HOW_TO:
            words = "不用打印，电子专票直接上传即可。"
            yield from _answered(company, need, ticket, agent, words)
        else:
            yield from _fixed(company, need, ticket, agent)
        return
    add_comment(ticket, "识别规则已更新，请重新识别。", acting_user=other, now=play.now)
    deliver_relay(ticket, "规则已更新", acting_user=other, now=play.now)
    yield from _end(company, need, ticket, agent, Resolution.OUTSIDE)


def _pushed(company: Company, need: Need, ticket: Ticket, agent: User) -> Story:
    """Pushed with its cause; resolved when the owner has delivered."""
    play, dice, trouble = company.play, company.dice, TROUBLES[need.cause]
    cause = _cause(company, need.cause, trouble, agent)
    if cause.state == CauseState.DELIVERED:
        yield from _fixed(company, need, ticket, agent)
        return
    add_comment(ticket, "已复现，正在请负责人处理。", acting_user=agent, now=play.now)
    _screen(company, need, ticket, agent, trouble.why)
    yield play.after(dice.uniform(0.3, 2))
    if _cause(company, need.cause, trouble, agent).state == CauseState.DELIVERED:
        return
    push_ticket(ticket, cause, acting_user=agent, now=play.now)
    while Cause.objects.get(pk=cause.pk).state != CauseState.DELIVERED:
        yield play.after(8)
    yield play.after(dice.uniform(0.5, 4))
    resolve_ticket(ticket, Resolution.FIXED, acting_user=agent, now=play.now)
    yield from _end(company, need, ticket, agent, Resolution.FIXED)


def _cause(company: Company, key: str, trouble: Trouble, agent: User) -> Cause:
    """The cause of this trouble as it stands; opened and pushed when it is the first time."""
    play = company.play
    if key in company.causes:
        return Cause.objects.get(pk=company.causes[key].pk)
    cause = open_cause(
        title=trouble.title, product=play.cast.products[trouble.product],
        module=play.cast.modules[trouble.module], category=trouble.category, acting_user=agent,
        now=play.now,
    )  # fmt: skip
    push_cause(cause, company.person(trouble.owner), acting_user=agent, now=play.now)
    company.causes[key] = cause
    play.tell(_owned(company, cause, trouble, agent), play.after(trouble.accepts_after))
    return Cause.objects.get(pk=cause.pk)


def _owned(
    company: Company, cause: Cause, trouble: Trouble, agent: User
) -> Callable[[Play], Story]:
    """How the owner answers."""
    owner = company.person(trouble.owner)

    def story(play: Play) -> Story:
        if trouble.declines:
            decline_cause(cause, trouble.declines, "请补充", acting_user=owner, now=play.now)
            yield play.after(2)
            push_cause(cause, owner, acting_user=agent, now=play.now)
            yield play.after(trouble.accepts_after)
        calendar = calendar_of(play.cast.teams["operations"])
        promised = add_working_days(calendar, timezone.localdate(play.now), trouble.promises_days)
        accept_cause(cause, promised, acting_user=owner, now=play.now)
        yield play.after(trouble.delivers_after)
        chased = trouble.delivers_after > 100
        if chased:
            chase_cause(cause, acting_user=agent, now=play.now)
            return
        deliver_cause(cause, trouble.found, acting_user=owner, now=play.now)

    return story


def _driven(company: Company, need: Need, ticket: Ticket, agent: User) -> Story:
    """An improvement that becomes part of a demand."""
    play, dice, wish = company.play, company.dice, WISHES[need.demand]
    fields = {"quote": need.text, "scenario": wish.scenario, "frequency": wish.frequency}
    edit_ticket(ticket, fields, acting_user=agent, now=play.now)
    add_comment(ticket, "已记入需求，有结论会告诉您。", acting_user=agent, now=play.now)
    demand = _demand(company, need.demand, wish, agent)
    if demand.status in ("declined", "released", "closed"):
        reject_ticket(ticket, wish.reason, acting_user=agent, now=play.now)
        return
    yield play.after(dice.uniform(0.2, 1))
    drive_by_demand(ticket, demand, need.text, acting_user=agent, now=play.now)
    while _is(play, ticket, "on_hold"):
        yield play.after(8)
    if Demand.objects.get(pk=demand.pk).status == "declined":
        reject_ticket(ticket, wish.reason, acting_user=agent, now=play.now)
        return
    yield play.after(dice.uniform(1, 8))
    if _is(play, ticket, "resolved"):
        confirm_ticket(ticket, acting_user=company.person(need.who), now=play.now)


def _demand(company: Company, key: str, wish: Wish, agent: User) -> Demand:
    play = company.play
    if key in company.demands:
        return Demand.objects.get(pk=company.demands[key].pk)
    demand = create_demand(
        DemandDraft(
            wish.title, play.cast.products[wish.product], problem=wish.scenario,
            module=play.cast.modules[wish.module],
        ),
        acting_user=agent, now=play.now,
    )  # fmt: skip
    company.demands[key] = demand
    play.tell(_decided(company, demand, wish, agent), play.after(wish.decided_after))
    return demand


def _decided(company: Company, demand: Demand, wish: Wish, agent: User) -> Callable[[Play], Story]:
    """What becomes of a demand; those it is owed to read what they are told the day after."""

    def story(play: Play) -> Story:
        evaluate_demand(demand, acting_user=agent, now=play.now)
        yield play.after(4)
        if wish.ends == "declined":
            decline_demand(demand, wish.reason, acting_user=agent, now=play.now)
            yield play.after(8)
            _all_read(play, demand)
            return
        accept_demand(demand, wish.reason, acting_user=agent, now=play.now)
        yield play.after(8)
        _all_read(play, demand)
        planned = timezone.localdate(play.now) + dt.timedelta(days=16)
        schedule_demand(demand, planned, acting_user=agent, now=play.now)
        yield play.after(16)
        start_development(demand, acting_user=agent, now=play.now)
        _all_read(play, demand)
        if wish.ends == "released":
            yield from _released(company, demand, wish, agent)

    return story


def _released(company: Company, demand: Demand, wish: Wish, agent: User) -> Story:
    play = company.play
    yield play.after(40)
    start_testing(demand, acting_user=agent, now=play.now)
    product = play.cast.products[wish.product]
    release = create_release(
        product, f"{product.name} {play.now:%y.%m.%d}", acting_user=agent, now=play.now
    )
    put_in_release(demand, release, acting_user=agent, now=play.now)
    gate = {
        "pages_note": f"“{wish.title}”一页已更新", "measures_nothing": True,
        "announcement": f"{wish.title}：现在可以用了。",
    }  # fmt: skip
    yield play.after(12)
    fill_gate(release, gate, acting_user=agent, now=play.now)
    see_people(release, acting_user=agent, now=play.now)
    publish_release(release, acting_user=agent, now=play.now)
    yield play.after(3)
    verify_demand(demand, acting_user=agent, now=play.now)
    yield play.after(5)
    _all_read(play, demand)


def _all_read(play: Play, demand: Demand) -> None:
    for obligation in demand.obligations.select_related("person"):
        read_rounds(demand, acting_user=obligation.person, now=play.now)
