"""What a chat must be able to do so that its robots can write to us, and what they say."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from tickets.models import ChatRobot, IncomingMessage


class Forged(Exception):
    """The call was not signed or encrypted with this robot's secrets, or is too old.

    The words are for administrators; whoever called is told nothing but "no".
    """


@dataclass(frozen=True)
class Call:
    """One call of a chat, as it came in."""

    method: str
    query: Mapping[str, str]
    #: By lower-case name.
    headers: Mapping[str, str]
    body: bytes
    now: dt.datetime


@dataclass(frozen=True)
class Answer:
    """What the chat gets at once, within its deadline."""

    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class FileRef:
    """A picture or file that the chat keeps for us: what its provider needs to fetch it."""

    kind: str
    key: str
    name: str = ""

    def plain(self) -> dict[str, str]:
        return {"kind": self.kind, "key": self.key, "name": self.name}


@dataclass(frozen=True)
class Arrival:
    """One message to a robot.

    `parents` are ids of messages it answers, `quoted` the words it quotes where the chat gives no
    id. `is_meant` is False for a message of a group that does not mention the robot. `handle` is
    what an answer needs, kept with the message.
    """

    message_id: str
    user_id: str
    text: str
    said_at: dt.datetime | None
    user_name: str = ""
    chat: str = ""
    thread: str = ""
    parents: tuple[str, ...] = ()
    quoted: str = ""
    files: tuple[FileRef, ...] = ()
    is_group: bool = True
    is_meant: bool = True
    handle: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Received:
    """A call that was ours: what to answer, what to keep as evidence, and the message, if any."""

    answer: Answer
    raw: bytes = b""
    arrival: Arrival | None = None
    #: What came, in a few words, for whoever sets the robot up.
    what: str = ""


@dataclass(frozen=True)
class Fetched:
    name: str
    content: bytes


@dataclass(frozen=True)
class Profile:
    """A person as the chat's address book knows them."""

    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class Credential:
    """One field of a robot as this chat calls it. A hidden one is never shown again."""

    name: str
    label: StrPromise | str
    is_required: bool = True
    is_hidden: bool = True
    help_text: StrPromise | str = ""


class Provider(Protocol):
    """One chat."""

    name: str
    credentials: Sequence[Credential]

    def check(self, values: Mapping[str, str]) -> None:
        """Refuse credentials that could never work. Raises `BadInput`."""
        ...

    def receive(self, robot: ChatRobot, call: Call) -> Received:
        """Check and read one call. Raises `Forged`; nothing may be kept then."""
        ...

    def answer(
        self, robot: ChatRobot, message: IncomingMessage, text: str, *, key: str, now: dt.datetime
    ) -> None:
        """Write `text` where the message came from; `key` stays the same when tried again.

        Raises `Unsent` unless the provider says that it took it.
        """
        ...

    def fetch(self, robot: ChatRobot, message: IncomingMessage, ref: FileRef) -> Fetched:
        """The bytes of a file. Raises `Unsent`."""
        ...

    def profile(self, robot: ChatRobot, user_id: str) -> Profile:
        """The person behind a user id, as far as the robot may know. Raises `Unsent`."""
        ...

    def token(self, robot: ChatRobot) -> str:
        """A token for the provider's API; shows that the credentials work. Raises `Unsent`."""
        ...


def moment(stamp: object, *, unit: int = 1) -> dt.datetime | None:
    """A Unix time (in `unit`ths of a second) as providers write it; None for what is none."""
    try:
        return dt.datetime.fromtimestamp(int(str(stamp)) / unit, tz=dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None


def check_window(stamp: dt.datetime | None, now: dt.datetime, window: dt.timedelta) -> None:
    """Refuse a call whose signed time is too far from ours. Raises `Forged`."""
    if stamp is None or abs(now - stamp) > window:
        raise Forged("its time is missing or too far from ours")


def json_object(body: bytes | str) -> dict[str, Any]:
    """A JSON object. Raises `Forged` for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Forged("this is no JSON") from error
    if not isinstance(found, dict):
        raise Forged("this is no JSON object")
    return found


def text_of(found: object, *names: str, most: int = 20_000) -> str:
    """A text some levels down in what a provider sent; "" where it is not there or no text."""
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    if isinstance(found, bool) or not isinstance(found, (str, int)):
        return ""
    return str(found).replace("\x00", "")[:most]
