"""What the guards need of help before submit and manual debt: sessions, voices, taken items."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from docs_portal.actions import record_read, record_search_miss, say_of_page, take_debt
from docs_portal.models import DebtItem, Page, PageVoice
from docs_portal.policies.debt import Place, Seed
from tests.cast import NOW
from tests.tickets import ladder
from tickets.actions import Found, TicketDraft, edit_ticket, note_help, say_solved, submit_ticket
from tickets.choices import HelpPlace
from tickets.models import HelpSession, SelfService, Ticket

if TYPE_CHECKING:
    from tests.guards.places import Route
    from tests.guards.world import World

Data = dict[str, Any]
WORDS = "怎么批量删除"


#: The clock of every request (tests.guards.world, which builds this).
ASKED_AT = NOW + dt.timedelta(hours=1)


def _by(world: Any, person: str) -> dict[str, Any]:
    return {"acting_user": world.cast.people[person], "now": world.now}


def _at(world: Any, person: str) -> dict[str, Any]:
    return {"acting_user": world.cast.people[person], "now": ASKED_AT}


def page() -> Page:
    """Everybody reads it."""
    return Page.objects.get(title="星图 CRM 是什么")


def _session(world: Any, person: str) -> HelpSession:
    found = Found([page().pk], [], [], [world.cast.products["crm"].pk])
    session = note_help(found, place=HelpPlace.HOME, is_held_out=False, **_by(world, person))
    assert session is not None
    return session


def build(world: World) -> None:
    """A session that is open and one that is solved, a voice, a search in vain, a taken item, a
    ticket answered with a page."""
    _session(world, "wangke")
    say_solved(_session(world, "zhaoyi"), "page", page().pk, **_by(world, "zhaoyi"))
    say_of_page(
        page(), is_helpful=False, reason="unclear", comment="第三步看不懂", **_by(world, "liuyang")
    )
    crm = world.cast.products["crm"]
    record_search_miss(WORDS, product=crm, **_by(world, "liuyang"))
    place = Place(crm.pk, words="已认领的词")
    take_debt(place, Seed("已认领的词", "草稿"), crm, **_by(world, "linzhixia"))
    ticket = ladder.routed(world.cast, world.now)
    edit_ticket(ticket, {"answer_page": page()}, **_by(world, "linzhixia"))


def answered() -> Ticket:
    """With a page."""
    return Ticket.objects.get(answer_page=page())


def session(person: str = "wangke") -> HelpSession:
    return HelpSession.objects.filter(person__username=person).earliest("pk")


def voice() -> PageVoice:
    return PageVoice.objects.get(person__username="liuyang")


def token(world: Any) -> str:
    return Place(world.cast.products["crm"].pk, words=WORDS).token


def item() -> DebtItem:
    return DebtItem.objects.get(title="已认领的词")


def _sessions(world: World, route: Route) -> Mapping[str, tuple[Any, ...]]:
    return {"": (session("zhaoyi" if route.name.endswith("take_back") else "wangke").pk,)}


ARGUMENTS: dict[str, Callable[[Any, Any], Mapping[str, tuple[Any, ...]]]] = {
    "help_solved": _sessions,
    "page_helpful": lambda world, route: {"": (page().pk,)},
    "page_voices": lambda world, route: {"": (page().pk,)},
    "page_voice_hear": lambda world, route: {"": (voice().pk,)},
    "page_answered": lambda world, route: {"": (page().pk,)},
    "page_tickets": lambda world, route: {"": (page().pk,)},
    "debt_item": lambda world, route: {"": (token(world),), "unknown": ("0" * 20,)},
    "debt_take": lambda world, route: {"": (token(world),)},
    "debt_settle": lambda world, route: {"": (token(world),)},
    "debt_give_back": lambda world, route: {"": (item().pk,)},
    "ticket_page_wrong": lambda world, route: {"": (answered().pk,)},
    "api_page_voice": lambda world, route: {"": (page().pk,)},
    "api_page_voices": lambda world, route: {"": (page().pk,)},
    "api_page_voice_hear": lambda world, route: {"": (voice().pk,)},
    "api_debt_": lambda world, route: {"": (token(world),)},
    "api_debt_item": lambda world, route: {"": (token(world),), "unknown": ("0" * 20,)},
    "api_debt_give_back": lambda world, route: {"": (item().pk,)},
}
API_BODIES: dict[str, Callable[[Any], Data]] = {
    "api_page_voice": lambda w: {"is_helpful": False, "reason": "wrong", "comment": "菜单换了"},
    "api_page_voice_hear": lambda w: {},
    "api_debt_take": lambda w: {},
    "api_debt_settle": lambda w: {"outcome": "not_needed", "note": "不归我们"},
    "api_debt_give_back": lambda w: {},
}
FORMS: dict[str, Callable[[Any], Data]] = {
    "help_solved": lambda w: {"kind": "page", "ref": str(page().pk)},
    "help_solved_take_back": lambda w: {},
    "page_helpful": lambda w: {"is_helpful": "no", "reason": "wrong", "more": "1"},
    "page_voice_hear": lambda w: {},
    "debt_take": lambda w: {},
    "debt_settle": lambda w: {"outcome": "not_needed", "note": "不归我们"},
    "debt_give_back": lambda w: {},
    "ticket_page_wrong": lambda w: {"reason": "wrong", "comment": "菜单换了"},
    "ticket_page_draft": lambda w: {},
}
Deed = Callable[[Any, Callable[..., Any]], object]
DEEDS: dict[str, Deed] = {
    "say_solved": lambda w, act: act(session(), "page", page().pk, **_at(w, "wangke")),
    "take_back_solved": lambda w, act: act(
        SelfService.objects.get(person__username="zhaoyi"), **_at(w, "zhaoyi")
    ),
}
WITHOUT_EVENT = {
    "note_help": "what was offered is a count without a word of the person; say_solved is the event"
}
DOCS_DEEDS: dict[str, Deed] = {
    "say_of_page": lambda w, act: act(page(), is_helpful=True, **_at(w, "wangke")),
    "hear_voice": lambda w, act: act(voice(), **_at(w, "linzhixia")),
    "take_debt": lambda w, act: act(
        Place(w.cast.products["crm"].pk, words=WORDS), Seed(WORDS, "草稿"),
        w.cast.products["crm"], **_at(w, "linzhixia"),
    ),
    "give_back_debt": lambda w, act: act(item(), **_at(w, "linzhixia")),
    "settle_debt": lambda w, act: act(
        Place(w.cast.products["crm"].pk, words=WORDS), WORDS, w.cast.products["crm"],
        "not_needed", **_at(w, "linzhixia"),
    ),
    "draft_from_answer": lambda w, act: act(
        w.tickets["open"].pk, Seed("答复", "草稿"), w.cast.products["crm"], **_at(w, "linzhixia")
    ),
}  # fmt: skip
DOCS_WITHOUT_EVENT = {
    "note_ticket_after_reading": "a count that follows from the ticket's event and the reading",
}


def ticket_after_reading(world: Any) -> None:
    """News: somebody read a page and submitted a ticket about its product."""
    mine = {"acting_user": world.cast.liuyang, "now": ASKED_AT}
    record_read(page(), **mine)
    submit_ticket(TicketDraft(world.cast.products["crm"], "还是不会"), **mine)


def drawn(world: Any) -> None:
    """Parts that only some answers draw."""
    client = world.client("req")
    part = {"HX-Request": "true"}
    asked = {"product": str(world.cast.products["crm"].pk), "description": "CRM 是什么"}
    client.get("/submit/suggestions/", asked)
    solved = f"/submit/suggestions/{session().pk}"
    client.post(f"{solved}/solved/", FORMS["help_solved"](world), headers=part)
    client.post(f"{solved}/take-back/", headers=part)
    client.post(f"/helpful/{page().pk}/", {"is_helpful": "no"}, headers=part)
