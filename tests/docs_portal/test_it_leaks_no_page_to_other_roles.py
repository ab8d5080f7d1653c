"""Every address of the manuals, every search, suggestion and API, asked as every product role:
words of a page, or of a part of one, reach nobody it is not for.

The routes are read from the resolver, so that a new one is walked without being listed here.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.actions import PersonDraft, create_person
from accounts.models import User
from catalog.actions import except_role
from catalog.choices import ExceptionKind
from catalog.models import Product, ProductRole
from core import printing
from core.errors import BadInput
from core.registry import search_providers, suggestion_providers
from docs_portal.actions import (
    MustReadDraft,
    PageDraft,
    create_page,
    publish_page,
    require_reading,
    retire_page,
)
from docs_portal.models import MissingPage, Page
from opsdesk.demo.cast import Cast
from tickets.actions import TicketDraft, edit_ticket, submit_ticket
from tickets.models import Ticket

pytestmark = pytest.mark.slow
ClientOf = Callable[[User], Client]
#: Every text holds it, so that one search finds whatever may be found at all.
COMMON = "密闻"
MARKER = re.compile(r"Zq[A-Z]\d+q")
NOBODY = -1


@dataclass
class World:
    """`audience` of each marker: ids of roles, empty for everybody, {NOBODY} for no reader."""

    pages: list[Page]
    audience: dict[str, set[int]]
    own: dict[int, Page]
    holders: dict[int, User]
    nobody: User

    def allowed(self, role: int) -> set[str]:
        return {m for m, roles in self.audience.items() if not roles or role in roles}


@pytest.fixture(autouse=True)
def papers_as_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a paper is set from, in place of the PDF: there words are packed and cannot be read."""

    def words(_template: str, data: dict[str, object], _files: object = None) -> bytes:
        return json.dumps(data, default=str).encode()

    monkeypatch.setattr(printing, "pdf", words)


@pytest.fixture
def world(cast: Cast, now: dt.datetime) -> World:
    build = _Builder(cast, now)
    for product in Product.objects.filter(roles__isnull=False).distinct().order_by("pk"):
        build.manual(product)
    holders = {
        role.pk: build.person(f"holder{role.pk}", role)
        for role in ProductRole.objects.order_by("pk")
    }
    return World(build.pages, build.audience, build.own, holders, build.person("nobody", None))


class _Builder:
    def __init__(self, cast: Cast, now: dt.datetime) -> None:
        self.cast, self.now = cast, now
        self.pages: list[Page] = []
        self.audience: dict[str, set[int]] = {}
        self.own: dict[int, Page] = {}

    def mark(self, kind: str, roles: set[int]) -> str:
        marker = f"Zq{kind}{len(self.audience)}q"
        self.audience[marker] = roles
        return f"{COMMON} {marker}"

    def manual(self, product: Product) -> None:
        roles = list(product.roles.order_by("pk"))
        for role in roles:
            only = {role.pk}
            body = f"{self.mark('B', only)}\n\n## {self.mark('H', only)}\n\n{self.mark('B', only)}"
            self.own[role.pk] = self.page(product, self.mark("T", only), body, [role])
        parts = [
            f"::: for {role.code}\n## {self.mark('P', only)}\n\n{self.mark('P', only)}\n:::"
            for role in roles
            for only in ({role.pk},)
        ]
        mixed = f"{self.mark('C', set())}\n\n" + "\n\n".join(parts)
        self.page(product, self.mark("C", set()), mixed, [])
        first = {roles[0].pk}
        only_parts = f"::: for {roles[0].code}\n{self.mark('P', first)}\n:::"
        self.page(product, self.mark("T", first), only_parts, [])
        for status in ("draft", "retired"):
            self.page(product, self.mark("D", {NOBODY}), self.mark("D", {NOBODY}), [], status)

    def page(
        self, product: Product, title: str, body: str, roles: list[ProductRole],
        status: str = "published",
    ) -> Page:  # fmt: skip
        writer = self.cast.shenyi
        page = create_page(
            PageDraft(
                product=product, title=title, body=body, roles=roles,
                slug=f"walk-{len(self.pages)}",
            ),
            acting_user=writer, now=self.now,
        )  # fmt: skip
        if status != "draft":
            page = publish_page(page, acting_user=writer, now=self.now)
            draft = MustReadDraft(due_on=self.now.date())
            if status == "published":
                require_reading(page, draft, acting_user=writer, now=self.now)
            else:
                retire_page(page, acting_user=writer, now=self.now)
        self.pages.append(page)
        return page

    def person(self, username: str, role: ProductRole | None) -> User:
        user = create_person(
            PersonDraft(username, username), acting_user=self.cast.admin, now=self.now
        )
        if role is not None:
            except_role(
                user, role, ExceptionKind.ALSO, self.now.date() - dt.timedelta(days=400),
                acting_user=self.cast.admin, now=self.now,
            )  # fmt: skip
        return user


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, str]]:
    """(name, pattern) of every address that manuals answer, pages and API."""
    entries: list[URLPattern | URLResolver] = (resolver or get_resolver()).url_patterns
    for entry in entries:
        pattern = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, pattern)
        elif entry.callback.__module__.startswith("docs_portal."):
            yield entry.name or "", pattern


def addresses(pages: list[Page]) -> set[str]:
    """Every route that takes nothing, or a manual, an address or a page, for these pages."""
    found = set()
    for name, pattern in routes():
        takes = re.findall(r"<(?:\w+:)?(\w+)>", pattern)
        if not set(takes) <= {"code", "slug", "pk", "number"}:
            continue
        for page in pages:
            known = {
                "code": page.manual.product.code,
                "slug": page.slug,
                "pk": page.pk,
                "number": 1,
            }
            found.add(reverse(name, kwargs={one: known[one] for one in takes}))
    return found


def said(client: Client, address: str, data: dict[str, str] | None = None) -> set[str]:
    """The markers in the answer, whatever its status."""
    answer = client.get(address, data or {})
    body = answer.getvalue() if answer.streaming else answer.content
    return set(MARKER.findall(body.decode(errors="replace")))


def test_no_address_leaks(world: World, client_of: ClientOf) -> None:
    reads = ("page", "api_page", "page_pdf")
    for role, person in [*world.holders.items(), (0, world.nobody)]:
        client, allowed = client_of(person), world.allowed(role)
        foreign = [page for page in world.pages if page.roles.exists()
                   and not page.roles.filter(pk=role).exists()][:1]  # fmt: skip
        walked = addresses([*foreign, world.own[role]] if role else foreign)
        for page in world.pages:
            args = [page.manual.product.code, page.slug]
            walked |= {reverse(name, args=args) for name in reads}
        for address in sorted(walked):
            leaked = said(client, address) - allowed
            assert not leaked, (person.username, address, leaked)
        if role:
            page = world.own[role]
            seen = said(client, reverse("page", args=[page.manual.product.code, page.slug]))
            wanted = {m for m in allowed if world.audience[m] == {role} and m[2] in "BHT"}
            assert wanted & seen, (person.username, page.title)


def test_each_reads_the_parts_of_their_roles_and_a_foreign_page_is_a_gap(
    world: World, client_of: ClientOf
) -> None:
    for role, person in world.holders.items():
        client = client_of(person)
        product = ProductRole.objects.get(pk=role).product
        mixed = next(
            page for page in world.pages
            if page.manual.product == product and page.title.startswith(f"{COMMON} ZqC")
        )  # fmt: skip
        for name in ("page", "api_page"):
            seen = said(client, reverse(name, args=[product.code, mixed.slug]))
            mine = {m for m, roles in world.audience.items() if roles == {role} and m[2] == "P"}
            assert len(mine & seen) == 2, (person.username, name)
        foreign = next(page for other, page in world.own.items() if other != role)
        before = MissingPage.objects.filter(user=person).count()
        answer = client.get(reverse("page", args=[foreign.manual.product.code, foreign.slug]))
        assert answer.status_code == 404
        assert "暂无您角色的文档" in answer.content.decode()
        assert MissingPage.objects.filter(user=person).count() == before + 1


def test_no_search_suggestion_or_list_leaks(world: World, client_of: ClientOf) -> None:
    for role, person in [*world.holders.items(), (0, world.nobody)]:
        client, allowed = client_of(person), world.allowed(role)
        asked: list[tuple[str, dict[str, str]]] = [
            (reverse("manual_search"), {"q": COMMON}),
            (reverse("api_manual_search"), {"q": COMMON}),
            (reverse("search"), {"q": COMMON}),
            (reverse("submit_suggestions"), {"description": f"{COMMON} 怎么查看", "title": COMMON}),
            (reverse("help_home"), {}), (reverse("inbox"), {}), (reverse("home"), {}),
        ]  # fmt: skip
        for address, data in asked:
            leaked = said(client, address, data) - allowed
            assert not leaked, (person.username, address, leaked)
        for provider in (*search_providers(), *suggestion_providers()):
            for line in provider.search(person, COMMON, 50):
                leaked = set(MARKER.findall(f"{line.title} {line.detail}")) - allowed
                assert not leaked, (person.username, provider.name, leaked)
        # By its own words: nothing to be found is the answer, whatever is asked.
        found = client.get(reverse("api_manual_search"), {"q": COMMON}).json()["results"]
        assert found
        for marker in sorted(set(world.audience) - allowed):
            hits = client.get(reverse("api_manual_search"), {"q": marker}).json()
            assert not hits["results"], (person.username, marker)


def is_linked(ticket: Ticket, page: Page, cast: Cast, now: dt.datetime) -> bool:
    """Whether an agent may name the page as the answer; refused by name where not."""
    try:
        edit_ticket(ticket, {"answer_page": page}, acting_user=cast.linzhixia, now=now)
    except BadInput as refusal:
        return [problem.field for problem in refusal.problems] != ["answer_page"]
    return True


def test_an_agent_links_only_what_the_requester_reads(
    world: World, cast: Cast, now: dt.datetime
) -> None:
    """The page, and whether any part of it is for the requester's roles; agents read everything."""
    product = cast.products["crm"]
    mine, other = (world.holders[cast.roles[key].pk]
                   for key in ("crm_representative", "crm_director"))  # fmt: skip
    draft = TicketDraft(product=product, description="怎么填", requester=mine)
    ticket = submit_ticket(draft, acting_user=cast.linzhixia, now=now)
    pages = [page for page in world.pages if page.manual.product == product]
    refused = [page for page in pages if not is_linked(ticket, page, cast, now)]
    readable = {page.pk for page in Page.objects.readable_by(mine, now.date())}
    assert {page.pk for page in refused} == {page.pk for page in pages} - readable
    # The director's page, the draft and the retired one; the page with parts for representatives
    # alone is theirs, and nobody else's.
    assert len(refused) == 3
    only_parts = next(page for page in pages if page.part_role_ids)
    assert only_parts not in refused
    theirs = submit_ticket(
        TicketDraft(product=product, description="怎么审", requester=other),
        acting_user=cast.linzhixia, now=now,
    )  # fmt: skip
    with pytest.raises(BadInput):
        edit_ticket(theirs, {"answer_page": only_parts}, acting_user=cast.linzhixia, now=now)
