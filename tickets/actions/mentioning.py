"""People named in a text: who is meant, who may be, and who must first be let in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.text import MENTION, mention
from tickets.access import Reach, people_on, reach_of
from tickets.choices import CommentKind
from tickets.errors import BadInput, NotOnTicket, Problem
from tickets.models import Ticket
from tickets.policies import VERBS, Who, stands_as

#: People one text may name; more is a broadcast, which watchers are for.
MENTIONS_MAX = 20
_NAME_MAX = 40
_STAFF = frozenset({Who.AGENT, Who.MANAGER, Who.OUTSIDE, Who.OWNER, Who.HELPER})
#: Code is shown as it was written: nobody is named in it.
_CODE = re.compile(r"(```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]+`)", re.DOTALL)
_AT = re.compile(r"(?<![\w@.\-/\\])@(?![\[\s@])")
_IN_BRACKETS = re.compile(r"\s?[(（]([\w.@+-]{1,150})[)）]")


@dataclass(frozen=True)
class Named:
    """A text as it is kept, whom it names, and who of them is let in with it."""

    body: str
    people: tuple[User, ...] = ()
    newcomers: tuple[User, ...] = ()


def read_mentions(
    ticket: Ticket,
    body: str,
    *,
    kind: str,
    author: User,
    invited: Collection[int] = (),
) -> Named:
    """Find who is named in `body`, by `@name`, `@name(user name)` or the kept form.

    Whoever may not read what is written must be `invited` (and becomes a watcher) or is refused
    by name: `NotOnTicket`. An author who is no staff names only people on the ticket; every other
    `@name` of theirs stays plain words, so that nothing is learnt from it. No query without `@`.
    Raises BadInput for a name that several people bear, and for too many.
    """
    if "@" not in body:
        return Named(body)
    may_add = bool(stands_as(ticket, author) & _STAFF)
    found = _Finder(ticket, body, author, may_add)
    kept = "".join(_keep(part, found) for part in _CODE.split(body))
    people = [user for user in found.named.values() if user.pk != author.pk]
    if len(people) > MENTIONS_MAX:
        raise BadInput(
            Problem(
                "body", _("This text names too many people."),
                _("Name at most %(count)s; let the others watch the ticket.")
                % {"count": MENTIONS_MAX}, str(len(people)),
            )
        )  # fmt: skip
    newcomers = _newcomers(ticket, people, kind, author, invited)
    return Named(kept, tuple(people), tuple(newcomers))


def preview_mentions(ticket: Ticket, body: str, *, acting_user: User) -> str:
    """`body` as it would be kept; nobody is refused and nobody is told."""
    if "@" not in body:
        return body
    may_add = bool(stands_as(ticket, acting_user) & _STAFF)
    found = _Finder(ticket, body, acting_user, may_add)
    return "".join(_keep(part, found) for part in _CODE.split(body))


def _newcomers(
    ticket: Ticket, people: Iterable[User], kind: str, author: User, invited: Collection[int]
) -> list[User]:
    """Those who may not read it yet and are let in; raises NotOnTicket for whoever is not."""
    reach = reach_of(ticket, people)
    outside = [user for user in people if not _reads(reach[user.pk], kind)]
    if not outside:
        return []
    never = [user for user in outside if not _could_read(reach[user.pk], kind)]
    may_watch = bool(stands_as(ticket, author) & VERBS["watch"].who)
    asked = [user for user in outside if user not in never and user.pk not in invited]
    if never or asked or not may_watch:
        raise NotOnTicket(never=never if may_watch else outside, asked=asked if may_watch else ())
    return outside


def _reads(reach: Reach, kind: str) -> bool:
    return reach.notes if kind == CommentKind.NOTE else reach.ticket


def _could_read(reach: Reach, kind: str) -> bool:
    """Whether being added as a watcher would let them read it."""
    return reach.notes_if_added if kind == CommentKind.NOTE else True


def _keep(part: str, found: _Finder) -> str:
    return part if _CODE.fullmatch(part) else "".join(found.pieces(part))


class _Finder:
    """Who is meant by each `@` of one text; two queries for the whole of it."""

    def __init__(self, ticket: Ticket, body: str, author: User, may_add: bool) -> None:
        self.ticket, self.author, self.may_add = ticket, author, may_add
        self.named: dict[int, User] = {}
        near = people_on(ticket)
        self.near = {user.pk for user in near}
        wanted = {body[m.end() : m.end() + size] for m in _AT.finditer(body)
                  for size in range(1, _NAME_MAX + 1)}  # fmt: skip
        bracketed = {m[1] for m in _IN_BRACKETS.finditer(body)}
        ids = {int(m[2]) for m in MENTION.finditer(body)}
        people = User.objects.working_here().filter(
            Q(name__in=wanted) | Q(username__in=wanted | bracketed) | Q(pk__in=ids)
        )
        if not may_add:
            people = people.filter(pk__in=self.near)
        self.by_id = {user.pk: user for user in people}
        self.by_word: dict[str, list[User]] = {}
        for user in self.by_id.values():
            for word in {user.name, user.username}:
                self.by_word.setdefault(word, []).append(user)

    def pieces(self, text: str) -> Iterator[str]:
        """`text` with each name in its kept form; what names nobody stays as it was."""
        at = 0
        for kept in MENTION.finditer(text):
            yield from self._typed(text[at : kept.start()])
            user = self.by_id.get(int(kept[2]))
            yield self._put(user) if user else f"@{kept[1]}"
            at = kept.end()
        yield from self._typed(text[at:])

    def _typed(self, text: str) -> Iterator[str]:
        at = 0
        for match in _AT.finditer(text):
            if match.start() < at:
                continue
            user, end = self._person_at(text, match.end())
            if user is not None:
                yield text[at : match.start()] + self._put(user)
                at = end
        yield text[at:]

    def _put(self, user: User) -> str:
        self.named[user.pk] = user
        return mention(user.name, user.pk)

    def _person_at(self, text: str, start: int) -> tuple[User | None, int]:
        """The longest name that begins at `start`, and where it ends."""
        for size in range(min(_NAME_MAX, len(text) - start), 0, -1):
            word, end = text[start : start + size], start + size
            people = self.by_word.get(word)
            if not people or _goes_on(word, text[end : end + 1]):
                continue
            inside = _IN_BRACKETS.match(text, end)
            if inside:
                chosen = [user for user in people if user.username == inside[1]]
                if chosen:
                    return chosen[0], inside.end()
            return self._the_one(word, people), end
        return None, start

    def _the_one(self, word: str, people: list[User]) -> User:
        """Of several people of one name the one on the ticket; else which one must be said."""
        near = [user for user in people if user.pk in self.near]
        chosen = people if len(people) == 1 else near
        if len(chosen) == 1:
            return chosen[0]
        names = ", ".join(f"@{user.name}({user.username})" for user in people)
        raise BadInput(
            Problem(
                "body",
                _("Several people are called “%(name)s”.") % {"name": word},
                _("Write which one you mean: %(names)s.") % {"names": names},
                f"@{word}",
            )
        )


def _goes_on(word: str, following: str) -> bool:
    """Whether a Latin name is only the beginning of a longer word; Chinese has no such gap."""
    return bool(
        word[-1].isascii() and following and following.isascii()
        and (following.isalnum() or following in "_-")
    )  # fmt: skip
