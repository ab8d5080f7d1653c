"""What a pasted log proposes: whose words they are, which make a ticket, of which product.

Nothing here decides: an agent sees it, changes what is wrong and submits. A choice made for a name
is remembered (`ChatPerson`), so that the next log of the same group needs none.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.access import read_rights, rights_of
from catalog.models import Module, Product
from tickets.choices import Channel
from tickets.incoming.chatlog.lines import Kind
from tickets.incoming.chatlog.splitting import Log, Said
from tickets.incoming.products import Products
from tickets.models import ChatPerson, IncomingMessage, Ticket

#: `ChatPerson.source` of names in logs, and `IncomingMessage.source` of pasted messages.
LOG = "log"
_PIECES = re.compile(r"[\s\-_·.|/\\()（）\[\]【】@＠,，、]+")
#: What a message must be to become part of a ticket.
TAKEN = (Kind.WORDS, Kind.MEDIA, Kind.CHATTER)
CANDIDATES = 8


@dataclass(frozen=True)
class Line:
    """One message as the page shows it. `ticket` is the card it belongs to, from 1."""

    index: int
    said: Said
    message_id: str
    ticket: int
    is_ticked: bool
    #: The ticket that was made of it when it was pasted before.
    made: Ticket | None = None

    @property
    def may_be_taken(self) -> bool:
        return self.said.kind in TAKEN and self.made is None


@dataclass(frozen=True)
class Card:
    """One ticket that is proposed: whose, of which product."""

    number: int
    name: str
    person: User | None
    candidates: Sequence[User]
    product: Product
    module: Module | None
    #: They work on the desk: what they write in the group is an answer, not a trouble.
    is_staff: bool
    #: Found by a piece of the name only; worth a look.
    is_guess: bool = False


@dataclass(frozen=True)
class Proposal:
    log: Log
    lines: Sequence[Line] = ()
    cards: Sequence[Card] = field(default_factory=tuple)


def propose(log: Log, now: dt.datetime) -> Proposal:
    """Whose words, which tickets, which products; a fixed number of queries for any log."""
    names = log.names
    found = _people(names)
    ids = [message_id(said) for said in log.said]
    made = _made_before(ids)
    products = Products(match.person for match in found.values())
    everybody = [person for match in found.values() for person in match.people]
    read_rights(everybody)
    cards = [
        _card(number, name, found[name], products, log) for number, name in enumerate(names, 1)
    ]
    by_name = {card.name: card for card in cards}
    lines = [
        _line(index, said, ids[index], by_name.get(said.name), log, made)
        for index, said in enumerate(log.said)
    ]
    return Proposal(log, lines, cards)


def message_id(said: Said) -> str:
    """The same message pasted again is the same: who, when, which words."""
    at = said.at.astimezone(dt.UTC).isoformat() if said.at else ""
    return hashlib.sha256(f"{said.name}\x00{at}\x00{said.text}".encode()).hexdigest()


def _line(
    index: int, said: Said, key: str, card: Card | None, log: Log, made: Mapping[str, Ticket]
) -> Line:
    ticket = made.get(key)
    is_ticked = (
        ticket is None and card is not None and not card.is_staff and _says_something(said, log)
    )
    return Line(index, said, key, card.number if card else 0, is_ticked, ticket)


def _says_something(said: Said, log: Log) -> bool:
    """Words do; a picture does beside words of the same person."""
    if said.kind == Kind.MEDIA:
        return any(one.name == said.name and one.kind == Kind.WORDS for one in log.said)
    return said.kind == Kind.WORDS


def _made_before(ids: Sequence[str]) -> dict[str, Ticket]:
    rows = IncomingMessage.objects.filter(
        source=LOG, channel=Channel.CHAT, message_id__in=ids, ticket__isnull=False
    ).select_related("ticket")
    return {row.message_id: row.ticket for row in rows if row.ticket is not None}


@dataclass(frozen=True)
class _Match:
    """Who a name may be. `is_known` when it was chosen before."""

    people: Sequence[User]
    is_known: bool = False
    is_guess: bool = False

    @property
    def person(self) -> User | None:
        return self.people[0] if len(self.people) == 1 else None


def plain_name(name: str) -> str:
    """A name without what clients put behind it: `王珂(华东大区)`, `王珂@远禾`, `王珂(10001)`."""
    text = unicodedata.normalize("NFKC", name).strip().lstrip("@")
    return re.sub(r"\s*(?:\([^()]*\)|\[[^\[\]]*\]|@\S.*)\s*$", "", text).strip() or text


def _people(names: Sequence[str]) -> dict[str, _Match]:
    """The accounts behind names: two queries, however many names there are."""
    known = {
        row.name: row.person
        for row in ChatPerson.objects.filter(source=LOG, name__in=names).select_related("person")
    }
    pieces = {piece for name in names for piece in _pieces(name)}
    wanted = Q(name__in=pieces)
    for piece in pieces:
        wanted |= Q(username__iexact=piece) | Q(name__iexact=piece)
    people = list(
        User.objects.working_here().filter(wanted).select_related("department").order_by("pk")
        if pieces
        else ()
    )
    return {name: _match(name, known.get(name), people) for name in names}


def _pieces(name: str) -> set[str]:
    whole = unicodedata.normalize("NFKC", name)
    parts = [part for part in _PIECES.split(whole) if len(part) > 1 and not part.isdigit()]
    return {plain_name(name), *parts} - {""}


def _match(name: str, known: User | None, people: Sequence[User]) -> _Match:
    if known is not None and known.may_sign_in:
        return _Match([known], is_known=True)
    plain = plain_name(name).casefold()
    exact = [p for p in people if plain in (p.name.casefold(), p.username.casefold())]
    if len(exact) > 1:
        # `王珂(华东大区)`: what stands behind the name may tell one from the other.
        narrowed = [p for p in exact if p.department and p.department.name in name]
        exact = narrowed if len(narrowed) == 1 else exact
    if exact:
        return _Match(exact[:CANDIDATES])
    pieces = {piece.casefold() for piece in _pieces(name)}
    near = [p for p in people if pieces & {p.name.casefold(), p.username.casefold()}]
    return _Match(near[:CANDIDATES], is_guess=True)


def _card(number: int, name: str, match: _Match, products: Products, log: Log) -> Card:
    words = own_words(one for one in log.said if one.name == name and one.kind in TAKEN)
    product, module = products.of(words, match.person)
    person = match.person
    is_staff = person is not None and rights_of(person).is_agent
    return Card(
        number, name, person, () if person else match.people, product, module, is_staff,
        is_guess=match.is_guess and person is not None,
    )  # fmt: skip


def description_of(lines: Iterable[Said], names: Collection[str]) -> str:
    """The words of a ticket; with the writers and times where several people are in it."""
    if len(names) < 2:
        return "\n\n".join(said.text for said in lines)
    return "\n\n".join(_with_name(said) for said in lines)


def _with_name(said: Said) -> str:
    name = said.name or _("Somebody")
    head = f"**{name}** {said.at:%H:%M}" if said.at else f"**{name}**"
    return f"{head}\n{said.text}"


def own_words(lines: Iterable[Said]) -> str:
    """What they said themselves, without placeholders and without what they quoted."""
    own = [
        line
        for said in lines
        if said.kind != Kind.MEDIA
        for line in said.text.splitlines()
        if not line.startswith(">")
    ]
    return "\n".join(own)
