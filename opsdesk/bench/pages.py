"""Manuals of any size for `make bench`: published pages with their sections, and their search."""

from __future__ import annotations

import datetime as dt
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from catalog.models import Product, ProductRole
from core.bulk import copy_rows, next_ids
from core.searchkey import search_key
from docs_portal.choices import PageKind, PageStatus
from docs_portal.models import Manual, Page, PageSection, PageWord, Revision
from docs_portal.rendering import found_lines
from docs_portal.search import find_pages

#: The size the goal speaks of; a house of fewer tickets gets as many pages.
MOST_PAGES = 100_000
#: Milliseconds for the first twenty: the goal of the median over all terms.
GOAL = 50
SHOWN = 20
_THINGS = (
    "报销单", "拜访记录", "客户档案", "合同套打", "审批流", "发票识别", "销售看板", "月末结账",
    "报价单", "移动审批", "凭证录入", "客户清单", "付款申请", "库存预警", "考勤补卡", "权限申请",
    "expense report", "visit record", "customer export", "dashboard", "approval flow",
)  # fmt: skip
_DOING = (
    "填写", "提交", "审阅", "退回", "导出", "批量修改", "打印", "归档", "撤回", "转交", "查询",
    "configure", "import", "review", "export",
)  # fmt: skip
_SENTENCES = (
    "打开{thing}页面，在右上角选择{doing}。", "{doing}之前，请确认{thing}的必填字段已经完整。",
    "如果{thing}无法{doing}，先检查网络，再联系产品运营。",
    "主管可以在三个工作日内对{thing}{doing}，超过时间由系统提醒。",
    "移动端{doing}{thing}时，照片和定位会一起保存。",
    "财务人员在月末结账前完成{thing}的{doing}，之后只能查看。",
    "Choose {doing} to work on the {thing}; changes are saved at once.",
    "步骤：一、找到{thing}；二、点击{doing}；三、填写说明并保存。",
)  # fmt: skip
#: Words put into one section in so many: rare and less rare.
_RARE = {"琥珀色按钮": 20_000, "双因子令牌": 5_000, "pgbouncer": 8_000, "套打偏移": 1_500}
#: Sections of a page besides its title, and different ones that pages are made of.
_SECTIONS, _POOL = 4, 6_000


@dataclass(frozen=True)
class _Part:
    heading: str
    plain: str
    heading_key: str
    key: str


def ensure_pages(count: int, now: dt.datetime, say: Callable[[str], None]) -> None:
    """Load what is missing to `count` published pages."""
    missing = count - Page.objects.filter(status=PageStatus.PUBLISHED).count()
    if missing > 0:
        say(f"Loading {missing:,} manual pages …")
        with transaction.atomic(), _indexes_aside():
            load_pages(missing, now)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


@contextmanager
def _indexes_aside() -> Iterator[None]:
    """Without the indexes of words while rows are loaded; a load that is killed changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE tablename = %s AND indexdef LIKE '%%gin_trgm_ops%%'",
            [PageSection._meta.db_table],
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        # Foreign keys are checked now; what waits to be checked would keep the table from an index.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for _name, definition in indexes:
            cursor.execute(definition)


def load_pages(count: int, now: dt.datetime, seed: int = 11) -> None:
    """Append `count` pages by COPY; one in five is for one product role only."""
    chance = random.Random(seed)  # noqa: S311  (figures that come out the same each time)
    author = User.objects.filter(is_active=True).order_by("pk")[0].pk
    manuals = [
        Manual.objects.get_or_create(product=product, defaults={"title": product.name})[0]
        for product in Product.objects.filter(is_active=True, is_other=False)
    ]
    pages, revisions = next_ids(Page, count), next_ids(Revision, count)
    titles = [
        f"{chance.choice(_DOING)}{chance.choice(_THINGS)}（{number}）" for number in range(count)
    ]
    # A page names its revision, and a revision its page: the page learns it last.
    copy_rows(
        Page, ("id", "version", "salt", "manual_id", "kind", "slug", "title", "status", "position",
               "created_at", "search_key", "part_role_ids"),
        ((pk, 1, "", manuals[at % len(manuals)].pk, PageKind.FEATURE_GUIDE, f"bench-{pk}", title,
          PageStatus.PUBLISHED, 0, now, search_key(title), [])
         for at, (pk, title) in enumerate(zip(pages, titles, strict=True))),
    )  # fmt: skip
    copy_rows(
        Revision, ("id", "page_id", "number", "title", "body", "is_material", "note", "author_id",
                   "created_at", "published_at", "published_by_id"),
        ((revision, pk, 1, title, title, True, "", author, now, now, author)
         for revision, pk, title in zip(revisions, pages, titles, strict=True)),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE docs_portal_page p SET published_revision_id = r.id"
            " FROM docs_portal_revision r WHERE r.page_id = p.id AND p.id >= %s",
            [pages[0]],
        )
    _load_roles(pages, manuals)
    _load_sections(pages, revisions, titles, chance)


def _load_roles(pages: Sequence[int], manuals: Sequence[Manual]) -> None:
    through: Any = Page.roles.through
    roles = {
        manual.pk: list(ProductRole.objects.filter(product_id=manual.product_id)[:1])
        for manual in manuals
    }
    through.objects.bulk_create(
        (
            through(page_id=pk, productrole_id=role.pk)
            for at, pk in enumerate(pages)
            if at % 5 == 0
            for role in roles[manuals[at % len(manuals)].pk]
        ),
        batch_size=5000,
    )


def _load_sections(
    pages: Sequence[int], revisions: Sequence[int], titles: Sequence[str], chance: random.Random
) -> None:
    pool = [_part(chance) for _number in range(_POOL)]
    columns = ("page_id", "revision_id", "position", "heading", "anchor", "plain", "key",
               "heading_key")  # fmt: skip

    def rows() -> Iterator[tuple[Any, ...]]:
        for at, (pk, revision, title) in enumerate(zip(pages, revisions, titles, strict=True)):
            key = search_key(title)
            yield (pk, revision, 0, title, "", "", key, key)
            for position in range(1, _SECTIONS + 1):
                part = pool[chance.randrange(_POOL)]
                rare = "".join(
                    f"{word}。" for word, each in _RARE.items()
                    if position == 1 and at % each == each - 1
                )  # fmt: skip
                extra = "\n" + search_key(rare) if rare else ""
                yield (pk, revision, position, part.heading, f"part-{position}",
                       part.plain + rare, part.key + extra, part.heading_key)  # fmt: skip

    copy_rows(PageSection, columns, rows())
    words = ("expense", "report", "visit", "record", "customer", "export", "dashboard", "approval")
    PageWord.objects.bulk_create(
        [PageWord(word=word, in_heading=True) for word in words], ignore_conflicts=True
    )


def _part(chance: random.Random) -> _Part:
    heading = f"{chance.choice(_DOING)}{chance.choice(_THINGS)}"
    plain = "".join(
        chance.choice(_SENTENCES).format(thing=chance.choice(_THINGS), doing=chance.choice(_DOING))
        for _number in range(chance.randint(3, 8))
    )
    return _Part(heading, plain, search_key(heading), search_key(heading, plain))


def page_terms() -> list[str]:
    """The terms of the goal: things, parts of sentences, mixed, rare and absent ones."""
    chance = random.Random(30)  # noqa: S311
    pairs = [f"{chance.choice(_DOING)}{chance.choice(_THINGS)}" for _number in range(20)]
    parts = [sentence[at : at + 4] for sentence in _SENTENCES[:5] for at in (-6, -9)]
    mixed = [f"{one} {other}" for one, other in pairwise(chance.sample(_THINGS, 9))]
    words = ["dashboard", "exprot", "没有这个词", "absentword", "三个工作日", "照片和定位", "ex"]
    return [*_THINGS, *pairs, *parts, *mixed, *words, *_RARE]


def page_search(
    user: User, size: int, day: dt.date
) -> Iterator[tuple[str, int, float, str, float | None, str, bool | None]]:
    """Lines of the table: median and worst of every term's median, drawn as the page draws it.

    `size` is that of the house; its manuals have at most `MOST_PAGES` pages.
    """
    medians: dict[str, float] = {}
    for term in page_terms():
        seconds = []
        for _again in range(3):
            begun = time.perf_counter()
            results = find_pages(user, term, day, limit=SHOWN)
            found_lines(results.found, results.corrected or term)
            seconds.append(time.perf_counter() - begun)
        medians[term] = statistics.median(seconds) * 1000
    middle, worst = statistics.median(medians.values()), max(medians, key=lambda t: medians[t])
    yield ("manual search, first 20: median", size, round(middle, 1), "ms", None, f"< {GOAL} ms",
           middle < GOAL)  # fmt: skip
    yield (f"manual search, first 20: worst ({worst})", size, round(medians[worst], 1), "ms", None,
           "", None)  # fmt: skip
