"""What is measured: pages that are read, forms that are sent, terms that are searched."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User
from catalog.models import Product
from feedback.models import Demand
from opsdesk.bench.load import TALKATIVE
from opsdesk.bench.texts import hundred_terms
from tickets.choices import Status
from tickets.models import Ticket

#: The page whose time stands beside the plain aggregates.
TREND = "trend page"
#: Rarest and commonest words of the texts, and a phrase over a word's end.
RARE, COMMON, PHRASE = "双因子令牌", "报销单", "无法提交(华东"


@dataclass(frozen=True)
class Act:
    """A page read, or (with `fields`) a form fetched untimed and sent timed. `goal` in B."""

    name: str
    goal: float
    address: Callable[[], str]
    fields: dict[str, str] | Callable[[], dict[str, str]] | None = None
    #: Judged when the house grows from 1,000 tickets: queries the same, buffers ≤ this ratio.
    growth: float = 1.5

    def form(self) -> dict[str, str] | None:
        """What this round sends; None for a page that is read."""
        return self.fields() if callable(self.fields) else self.fields


@dataclass
class Ground:
    """Tickets to act on, newest first, each used once."""

    user: User
    size: int
    #: Tickets of others at level 2 and above: for replies and for taking over.
    others: Iterator[int] = field(init=False)
    #: Tickets that can be moved up.
    first_level: Iterator[int] = field(init=False)

    def __post_init__(self) -> None:
        rows = Ticket.objects.filter(
            status__in=(Status.NEW, Status.OPEN), confidential=False
        ).exclude(assignee=self.user)
        self.others = self._newest(rows.filter(level__gt=1))
        # Those that earlier runs submitted are not classified and go nowhere.
        self.first_level = self._newest(rows.filter(level=1).exclude(type=""))

    @staticmethod
    def _newest(rows: QuerySet[Ticket]) -> Iterator[int]:
        return iter(list(rows.order_by("-pk").values_list("pk", flat=True)[:2000]))

    def talkative(self) -> int:
        number = self.size - self.size % TALKATIVE + 7
        return number if number <= self.size else max(7, number - TALKATIVE)


def _fixed(address: str) -> Callable[[], str]:
    return lambda: address


def _search(query: str) -> str:
    return reverse("desk") + "?" + urlencode({"queue": "all", "q": query})


def reads(ground: Ground, week: str) -> list[Act]:
    """Pages, in the order of quality.md."""
    desk = reverse("desk")
    talk = reverse("ticket", args=[ground.talkative()])
    return [
        Act("queue list: mine", 1.5, _fixed(f"{desk}?queue=mine")),
        Act("queue list: unassigned", 1.5, _fixed(f"{desk}?queue=unassigned")),
        Act("queue list: level 2", 1.5, _fixed(f"{desk}?queue=level-2")),
        Act("queue list: all", 1.5, _fixed(f"{desk}?queue=all")),
        Act("queue list: closed", 1.5, _fixed(f"{desk}?queue=closed")),
        Act("next page by key, half-way", 1.5,
            _fixed(f"{desk}?queue=all&before={max(60, ground.size // 2)}")),
        Act("ticket page, 20 comments", 2.5, _fixed(talk)),
        # No goal of its own in quality.md: it comes after the page, as one more of its size may.
        Act("beside the ticket", 2.5, _fixed(reverse("ticket_related", args=[ground.talkative()])),
            growth=3.0),
        # Single terms may be as slow as the worst of a hundred; the hundred's median has its own.
        Act("search: rare word", 15.0, _fixed(_search(RARE)), growth=2.0),
        Act("search: common word", 15.0, _fixed(_search(COMMON)), growth=2.0),
        Act("search: Chinese phrase", 15.0, _fixed(_search(PHRASE)), growth=2.0),
        Act("weekly report page", 2.0, _fixed(reverse("weekly_report", args=[week]))),
        Act(TREND, 2.0, _fixed(reverse("explore_page", args=["trends"]))),
        Act("trend page by module", 2.0,
            _fixed(reverse("explore_page", args=["trends"]) + "?split=module")),
        Act("search: in a queue", 15.0,
            _fixed(f"{desk}?" + urlencode({"queue": "level-2", "q": COMMON})), growth=2.0),
        *_filtered(desk),
        *_demand_table(),
    ]  # fmt: skip


def _demand_table() -> list[Act]:
    """The demand-tracking table, of 10,000 demands in every house but the small one."""
    table = reverse("demands") + "?scope=all"
    rows = reverse("demands_rows") + "?scope=all"
    return [
        Act("demand table", 1.5, _fixed(table)),
        Act("demand table: filter", 5.0, _fixed(f"{rows}&f=status:any:accepted,scheduled"),
            growth=20.0),
        Act("demand table: words", 5.0, _fixed(f"{rows}&" + urlencode({"q": "客户清单"})),
            growth=20.0),
        Act("demand table: group by product", 5.0, _fixed(f"{table}&group=product"), growth=20.0),
    ]  # fmt: skip


def _filtered(desk: str) -> list[Act]:
    """Lists somebody put together: any filter over open tickets, and one over everything."""
    open_only = f"{desk}?queue=all&f=status:any:new,open,pending,on_hold"
    return [
        Act("filter, open: contract", 5.0, _fixed(f"{open_only}&f=contract:is:open")),
        Act("filter, open: by priority and due", 5.0,
            _fixed(f"{open_only}&f=priority:atleast:1&sort=due&group=priority"), growth=20.0),
        Act("filter, everything: indexed", 1.5, _fixed(f"{desk}?queue=all&f=status:is:closed")),
        Act("board by level", 5.0, _fixed(f"{desk}?queue=all&layout=board&board=level"),
            growth=20.0),
    ]  # fmt: skip


def writes(ground: Ground) -> list[Act]:
    """Forms, each sent to a ticket of its own."""
    product = Product.objects.get(code="crm")

    def verb(name: str, tickets: Iterator[int]) -> Callable[[], str]:
        return lambda: reverse(f"ticket_{name}", args=[next(tickets)])

    return [
        Act("reply", 2.0, verb("reply", ground.others), {"body": "请按下面的步骤试一下。"}),
        Act("level change", 2.0, verb("move_up", ground.first_level), {"level": "2"}),
        Act("assign", 2.0, verb("assign", ground.others), {"assignee": str(ground.user.pk)}),
        Act("submit", 2.0, _fixed(reverse("submit")),
            {"product": str(product.pk), "description": "拜访记录无法提交,一直转圈。"}),
        Act("demand table: edit a cell", 2.0, _fixed(reverse("demands_cells")), _cell_edits()),
    ]  # fmt: skip


def _cell_edits() -> Callable[[], dict[str, str]]:
    """Another demand's effort each time, to a value it does not have."""
    pks = itertools.cycle(Demand.objects.order_by("-pk").values_list("pk", flat=True)[:500])
    efforts = itertools.count(1)

    def fields() -> dict[str, str]:
        effort = f"{next(efforts) / 10 + 100:.1f}"
        return {"cells": json.dumps([[next(pks), "effort", effort, None]])}

    return fields


def searches() -> list[str]:
    """Addresses of the hundred listed terms."""
    return [_search(term) for term in hundred_terms()]
