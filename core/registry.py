"""Where upper apps register what lower ones call by name, in their `apps.ready`.

A small interface per kind of provider, so that the kernel knows no app: what happens when an
outbox row is delivered, how a notice reads, what a page asks every app for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from django.conf import settings

from core.worktime import WorkCalendar

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django_stubs_ext import StrPromise

    from core.models import Notice, Recorded
    from core.telling import Wish

NewsReceiver = Callable[[Mapping[str, Any], dt.datetime], None]
Job = Callable[[Mapping[str, Any], dt.datetime], None]


@dataclass(frozen=True)
class NoticeText:
    """A notice in the reader's language: one line, a second line, and where it leads.

    `about` names what it is about in words that do not change with what happened ("OPS-12 Cannot
    export"): the subject of its mails, which mail programs thread by. `thread` names the same as
    ("ticket", 12); without it the notice's own subject does.
    """

    title: str
    body: str
    url: str
    about: str = ""
    thread: str = ""


class NoticeKind(Protocol):
    """How notices of one kind are worded and who may still read them.

    A kind may say `obligation = True` (somebody promised to tell: a preference changes the channel,
    never whether they hear) or `urgent = True` (waits for no digest and no quiet hours).
    """

    def text(self, notice: Notice) -> NoticeText: ...

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool: ...


@dataclass(frozen=True)
class NoticeGroup:
    """One row of the preferences: kinds of notices that a person is told alike.

    `mail` and `chat` are the product's own defaults ("now", "digest", "off"); a house, then a
    person, may choose otherwise. Rows stand by `order`. `concerns` says whose preferences show the
    row; None: everybody's. `messages` are messages of their own that say by mail and chat what
    `kinds` say in the inbox: then the notices themselves leave by no channel.
    """

    name: str
    label: StrPromise
    lead: StrPromise
    kinds: tuple[str, ...]
    mail: Literal["now", "digest", "off"] = "off"
    chat: Literal["now", "digest", "off"] = "off"
    obligation: bool = False
    urgent: bool = False
    order: int = 50
    messages: tuple[str, ...] = ()
    concerns: Callable[[AbstractBaseUser], bool] | None = None


@dataclass(frozen=True)
class Reader:
    """Who a mail or chat message is for: a person, or (without `user`) a team's group."""

    language: str
    name: str = ""
    email: str = ""
    user: AbstractBaseUser | None = None
    #: How the person wants to be told; None for a group, which has no wishes.
    wish: Wish | None = None


@dataclass(frozen=True)
class Link:
    """Somewhere a message leads: a path of ours, written out in full when it is sent."""

    label: str
    path: str
    is_first: bool = False


@dataclass(frozen=True)
class Section:
    """What a digest says of one thing: what it is, what happened, where it leads."""

    title: str
    lines: tuple[str, ...]
    path: str = ""


@dataclass(frozen=True)
class Message:
    """A mail or chat message in the reader's language, before any channel has given it a shape.

    `thread` names what it is about ("cause-12"): messages with the same one stand together.
    `subject` is the subject of the mail, where it is not the title. `facts` are pairs of label and
    value, `quotes` other people's words, `sections` what a digest is made of.
    """

    title: str
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    quotes: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    note: str = ""
    thread: str = ""
    subject: str = ""
    sections: tuple[Section, ...] = ()


class MessageKind(Protocol):
    """How mails and chat messages of one kind are worded; None when there is no longer a reason.

    Called outside any transaction when the message leaves; what the reader may no longer see
    must not be in it.
    """

    def compose(
        self, reader: Reader, params: Mapping[str, Any], now: dt.datetime
    ) -> Message | None: ...


@dataclass(frozen=True)
class Suggestion:
    """Something found for a person while typing or searching."""

    kind: str
    title: str
    url: str
    detail: str = ""
    ref: str = ""


class SearchProvider(Protocol):
    """One app's answer to a search; results are grouped by provider, never merged by rank."""

    name: str

    def label(self) -> str: ...

    def search(self, user: AbstractBaseUser, query: str, limit: int) -> list[Suggestion]: ...


@dataclass(frozen=True)
class SettingsPlace:
    """A page of the settings that an upper app adds to the list of them.

    `label` and `lead` are lazy texts; `icon` one of `{% icon %}`. `group` is the heading it stands
    under (`catalog.choices.SettingsGroup`), as that app knows which headings there are.
    """

    url_name: str
    label: StrPromise
    lead: StrPromise
    icon: str
    group: str = "operations"


@dataclass(frozen=True)
class AuditedNoun:
    """A noun whose history stands in the audit log: what it is called, and where a row is."""

    model: type[Recorded]
    label: StrPromise
    url_name: str = ""


@dataclass(frozen=True)
class HealthLine:
    """One thing of an upper app that works or does not: a mailbox, a robot.

    `at` is when it was last seen to work; `trouble` what went wrong since, "" for nothing.
    """

    label: str
    at: dt.datetime | None
    trouble: str
    url: str


@dataclass(frozen=True)
class FirstStep:
    """Something a new company does before the house works, with a look at whether it is done.

    `done` reads the real state. An `optional` step has a default that holds until somebody changes
    it, and does not count. Steps stand by `order`.
    """

    name: str
    label: StrPromise
    lead: StrPromise
    url_name: str
    done: Callable[[], bool]
    order: int
    optional: bool = False


@dataclass(frozen=True)
class Command:
    """Something the palette offers by name: a place to go, or an act of one click.

    `keywords` are more words that find it, in any language. `key` names a key of the table
    (core.keys) that does the same. With `method` "post" the `fields` are sent to `url`.
    """

    label: str
    url: str
    keywords: str = ""
    icon: str = "right"
    key: str = ""
    method: Literal["get", "post"] = "get"
    fields: tuple[tuple[str, str], ...] = ()


class CommandProvider(Protocol):
    """One group of commands, as far as a person may use them."""

    name: str

    def label(self) -> str: ...

    def commands(self, user: AbstractBaseUser, now: dt.datetime) -> list[Command]: ...


@dataclass(frozen=True)
class OpenQuestion:
    """Something a person is asked and answers in one tap: "does it work now?".

    Both answers are POSTed, with the fields given; a no carries the person's words as
    `words_field`.
    """

    ref: str
    title: str
    detail: str
    url: str
    asked_at: dt.datetime
    yes_url: str
    no_url: str
    words_field: str
    yes_fields: tuple[tuple[str, str], ...] = ()
    no_fields: tuple[tuple[str, str], ...] = ()


class QuestionProvider(Protocol):
    """What one app asks a person at the moment."""

    def __call__(self, user: AbstractBaseUser, now: dt.datetime) -> list[OpenQuestion]: ...


_news: dict[str, list[NewsReceiver]] = {}
_jobs: dict[str, Job] = {}
_notices: dict[str, NoticeKind] = {}
_groups: dict[str, NoticeGroup] = {}
_group_of: dict[str, NoticeGroup] = {}
_messages: dict[str, MessageKind] = {}
_readers: list[Callable[[int], Reader | None]] = []
_calendars: list[Callable[[int], WorkCalendar | None]] = []
_search: list[SearchProvider] = []
_suggest: list[SearchProvider] = []
_commands: list[CommandProvider] = []
_settings: list[SettingsPlace] = []
_audited: dict[str, AuditedNoun] = {}
_health: list[Callable[[], Iterable[HealthLine]]] = []
_first_steps: dict[str, FirstStep] = {}
_verifiers: dict[str, Callable[[], Iterable[str]]] = {}


def on_news(name: str, receiver: NewsReceiver) -> None:
    """Hand each news row called `name` to `receiver`, at least once."""
    receivers = _news.setdefault(name, [])
    if receiver not in receivers:
        receivers.append(receiver)


def receivers_of(name: str) -> list[NewsReceiver]:
    return _news.get(name, [])


def register_job(name: str, job: Job) -> None:
    _jobs[name] = job


def job_named(name: str) -> Job:
    return _jobs[name]


def register_notice(kind: str, notice_kind: NoticeKind) -> None:
    _notices[kind] = notice_kind


def notice_kind(kind: str) -> NoticeKind:
    return _notices[kind]


def notice_kinds() -> list[str]:
    return sorted(_notices)


def register_notice_group(group: NoticeGroup) -> None:
    """Show `group` in everybody's preferences whom it concerns."""
    _groups[group.name] = group
    _group_of.update(dict.fromkeys((*group.kinds, *group.messages), group))


def notice_groups() -> list[NoticeGroup]:
    """The rows of the preferences, by their order, then as they were registered."""
    return sorted(_groups.values(), key=lambda group: group.order)


def group_of(kind: str) -> NoticeGroup | None:
    """The row of the preferences a kind of notice or message belongs to; None: it has none."""
    return _group_of.get(kind)


def is_obligation(kind: str) -> bool:
    """Whether notices of this kind may change channel only, never stop."""
    group = group_of(kind)
    said: bool = getattr(_notices.get(kind), "obligation", False)
    return said or (group is not None and group.obligation)


def is_urgent(kind: str) -> bool:
    """Whether notices of this kind wait for no digest and no quiet hours."""
    group = group_of(kind)
    said: bool = getattr(_notices.get(kind), "urgent", False)
    return said or (group is not None and group.urgent)


def register_message(kind: str, message_kind: MessageKind) -> None:
    _messages[kind] = message_kind


def message_kind(kind: str) -> MessageKind | None:
    """How messages of this kind are worded; None when its notice says it all."""
    return _messages.get(kind)


def register_readers(find: Callable[[int], Reader | None]) -> None:
    """`find` gives the reader behind a person's id; None for who left."""
    _readers.append(find)


def register_calendars(find: Callable[[int], WorkCalendar | None]) -> None:
    """`find` gives the working time of a person, by their id; None: the company's usual one."""
    _calendars.append(find)


def calendar_of(user_id: int) -> WorkCalendar:
    """When this person works."""
    found = (calendar for find in _calendars if (calendar := find(user_id)) is not None)
    return next(found, WorkCalendar(zone=settings.TIME_ZONE))


def reader_of(user_id: int) -> Reader | None:
    return next((reader for find in _readers if (reader := find(user_id))), None)


def register_search(provider: SearchProvider) -> None:
    _search.append(provider)


def search_providers() -> list[SearchProvider]:
    return _search


def register_commands(provider: CommandProvider) -> None:
    """Offer a group of commands in the palette, after those registered before."""
    _commands.append(provider)


def command_providers() -> list[CommandProvider]:
    return _commands


def register_suggestions(provider: SearchProvider) -> None:
    """A provider the submit form asks while a person types."""
    _suggest.append(provider)


def suggestion_providers() -> list[SearchProvider]:
    return _suggest


#: What a change that is proposed would do to rows of an upper app, as HTML; "" for nothing.
#: Takes the id of the row, what it would be, who asks and when.
Foresight = Callable[[int, Any, "AbstractBaseUser", dt.datetime], str]
_foresights: dict[str, list[Foresight]] = {}


def register_foresight(noun: str, foresight: Foresight) -> None:
    """Ask `foresight` before a change of a `noun` is saved in the settings."""
    known = _foresights.setdefault(noun, [])
    if foresight not in known:
        known.append(foresight)


def foreseen(
    noun: str, pk: int, proposed: object, user: AbstractBaseUser, now: dt.datetime
) -> list[str]:
    """What every app foresees of a change, without those that foresee nothing."""
    return [
        html
        for foresight in _foresights.get(noun, ())
        if (html := foresight(pk, proposed, user, now))
    ]


def register_settings(place: SettingsPlace) -> None:
    """Show `place` on the settings home and beside every settings page."""
    if place not in _settings:
        _settings.append(place)


def register_audited(*nouns: AuditedNoun) -> None:
    """Show the history of these nouns in the audit log."""
    for noun in nouns:
        _audited[noun.model.SUBJECT] = noun


def audited_nouns() -> dict[str, AuditedNoun]:
    return dict(_audited)


def register_health(find: Callable[[], Iterable[HealthLine]]) -> None:
    """Show what `find` tells on the page of the system's health."""
    if find not in _health:
        _health.append(find)


def health_lines() -> list[HealthLine]:
    return [line for find in _health for line in find()]


def register_first_step(step: FirstStep) -> None:
    """List `step` among the first steps of a new company."""
    _first_steps[step.name] = step


def first_steps() -> list[FirstStep]:
    return sorted(_first_steps.values(), key=lambda step: step.order)


def settings_places() -> list[SettingsPlace]:
    return _settings


_questions: list[QuestionProvider] = []


def register_questions(provider: QuestionProvider) -> None:
    """Show what `provider` asks in the card of open questions."""
    if provider not in _questions:
        _questions.append(provider)


def open_questions(user: AbstractBaseUser, now: dt.datetime) -> list[OpenQuestion]:
    """Everything a person is asked, by whichever app, the newest first."""
    found = [question for provider in _questions for question in provider(user, now)]
    return sorted(found, key=lambda question: question.asked_at, reverse=True)


def register_verifier(name: str, check: Callable[[], Iterable[str]]) -> None:
    _verifiers[name] = check


def verifiers() -> dict[str, Callable[[], Iterable[str]]]:
    return dict(sorted(_verifiers.items()))


def all_news() -> dict[str, list[NewsReceiver]]:
    return _news


def all_jobs() -> dict[str, Job]:
    return _jobs


_row_types: dict[str, Callable[[], Iterable[tuple[str, Any]]]] = {}


def register_row_types(target: str, types: Callable[[], Iterable[tuple[str, Any]]]) -> None:
    """The types that rows of `target` have (value and label), for what is asked of one only."""
    _row_types[target] = types


def row_types(target: str) -> list[tuple[str, Any]]:
    """Value and label of each type of `target`; empty where no app has said any."""
    return list(_row_types[target]()) if target in _row_types else []


#: Where answers to a mail about a thread go; "" for where the mail came from.
ReplyAddress = Callable[[str], str]
_reply_addresses: list[ReplyAddress] = []


def register_reply_address(find: ReplyAddress) -> None:
    """`find` gives the address that answers to mails about a thread ("ticket-12") are sent to."""
    if find not in _reply_addresses:
        _reply_addresses.append(find)


def reply_address(thread: str) -> str:
    return next((found for find in _reply_addresses if (found := find(thread))), "")
