"""Where upper apps register what lower ones call by name, in their `apps.ready`.

A small interface per kind of provider, so that the kernel knows no app: what happens when an
outbox row is delivered, how a notice reads, what a page asks every app for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django_stubs_ext import StrPromise

    from core.models import Notice

NewsReceiver = Callable[[Mapping[str, Any], dt.datetime], None]
Job = Callable[[Mapping[str, Any], dt.datetime], None]


@dataclass(frozen=True)
class NoticeText:
    """A notice in the reader's language: one line, a second line, and where it leads."""

    title: str
    body: str
    url: str


class NoticeKind(Protocol):
    """How notices of one kind are worded and who may still read them.

    A kind that also goes out by mail or chat has `channels` ("mail", "chat") as well.
    """

    def text(self, notice: Notice) -> NoticeText: ...

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool: ...


@dataclass(frozen=True)
class Reader:
    """Who a mail or chat message is for: a person, or (without `user`) a team's group."""

    language: str
    name: str = ""
    email: str = ""
    user: AbstractBaseUser | None = None


@dataclass(frozen=True)
class Link:
    """Somewhere a message leads: a path of ours, written out in full when it is sent."""

    label: str
    path: str
    is_first: bool = False


@dataclass(frozen=True)
class Message:
    """A mail or chat message in the reader's language, before any channel has given it a shape.

    `thread` names what it is about ("cause-12"): messages with the same one stand together.
    `facts` are pairs of label and value, `quotes` other people's words.
    """

    title: str
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    quotes: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    note: str = ""
    thread: str = ""


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

    `label` and `lead` are lazy texts; `icon` one of `{% icon %}`.
    """

    url_name: str
    label: StrPromise
    lead: StrPromise
    icon: str


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


class Verifier(Protocol):
    """One invariant of one app, checked on live data: yields what is wrong."""

    name: str

    def __call__(self) -> Iterable[str]: ...


_news: dict[str, list[NewsReceiver]] = {}
_jobs: dict[str, Job] = {}
_notices: dict[str, NoticeKind] = {}
_messages: dict[str, MessageKind] = {}
_readers: list[Callable[[int], Reader | None]] = []
_search: list[SearchProvider] = []
_suggest: list[SearchProvider] = []
_commands: list[CommandProvider] = []
_settings: list[SettingsPlace] = []
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


def channels_of(kind: str) -> tuple[str, ...]:
    """The channels besides the inbox by which notices of this kind go out."""
    channels: tuple[str, ...] = getattr(_notices.get(kind), "channels", ())
    return channels


def register_message(kind: str, message_kind: MessageKind) -> None:
    _messages[kind] = message_kind


def message_kind(kind: str) -> MessageKind | None:
    """How messages of this kind are worded; None when its notice says it all."""
    return _messages.get(kind)


def register_readers(find: Callable[[int], Reader | None]) -> None:
    """`find` gives the reader behind a person's id; None for who left."""
    _readers.append(find)


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


def settings_places() -> list[SettingsPlace]:
    return _settings


def register_verifier(name: str, check: Callable[[], Iterable[str]]) -> None:
    _verifiers[name] = check


def verifiers() -> dict[str, Callable[[], Iterable[str]]]:
    return dict(sorted(_verifiers.items()))


def all_news() -> dict[str, list[NewsReceiver]]:
    return _news


def all_jobs() -> dict[str, Job]:
    return _jobs
