"""Sending through Apprise, which knows how each chat wants its messages.

Apprise takes any answer with status 200 for delivered, follows redirects, and knows only the
providers' public hosts. WeCom, DingTalk and Feishu refuse with status 200 and a code in the body,
so a refusal would be lost. Its plug-ins all post through the name `requests` of their module:
that name is given our `_Post`, which looks at the answer, goes through a company's own gateway
where the settings name one, and follows nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.channels.chat import ChatMessage
from core.channels.errors import ServerAway, TooFast, Unsent
from core.errors import BadInput, Problem

TIMEOUT = (5, 10)
#: Of an answer; no provider says more than a line.
ANSWER_BYTES = 10_000
#: Seconds to wait where a provider refuses for speed and says no more.
A_MINUTE = 60

Amend = Callable[[dict[str, Any], str], dict[str, Any]]


@dataclass
class _Sending:
    """One message on its way: how its answer is judged, and what became of it."""

    provider: AppriseProvider
    secret: str
    error: Exception | None = None


_sending: ContextVar[_Sending] = ContextVar("sending")


@dataclass(frozen=True)
class AppriseProvider:
    """A chat that Apprise sends to.

    `pattern` finds the tokens in the address people copy from the chat, by name, as the plug-in's
    arguments. `accepted` reads the provider's answer: "" when it took the message, else what it
    said. `too_fast` reads the seconds to wait from an answer that refuses for speed alone, 0 for
    others. `amend` may change the JSON before it leaves.
    """

    name: str
    label: Any
    example: str
    per_minute: int
    module: str
    plugin: str
    pattern: re.Pattern[str]
    accepted: Callable[[Any, str], str]
    secret_argument: str = ""
    most_bytes: int = 9000
    per_second: int = 0
    too_fast: Callable[[int, Any], int] | None = None
    amend: Amend | None = None
    body_format: str = "text"
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def limits(self) -> tuple[tuple[int, int], ...]:
        a_second = ((self.per_second, 1),) if self.per_second else ()
        return (*a_second, (self.per_minute, 60))

    def check(self, url: str, secret: str) -> None:
        if self.pattern.fullmatch(url.strip()) is None:
            raise BadInput(
                Problem(
                    "url", _("This is not the address of such a robot."),
                    _("Copy it from the chat; it looks like %(example)s.")
                    % {"example": self.example},
                    url[:60],
                )
            )  # fmt: skip

    def send(self, url: str, secret: str, message: ChatMessage) -> None:
        found = self.pattern.fullmatch(url.strip())
        if found is None:
            raise Unsent("the address does not look like one of this chat")
        plugin = _plugin(self)
        arguments = {**self.arguments, **found.groupdict()}
        if self.secret_argument and secret:
            arguments[self.secret_argument] = secret
        sending = _Sending(self, secret)
        mark = _sending.set(sending)
        try:
            sent = plugin(**arguments).notify(
                title=message.title, body=message.body, body_format=self.body_format
            )
        finally:
            _sending.reset(mark)
        if sending.error is not None:
            raise sending.error
        if not sent:
            raise Unsent("Apprise did not send it; see the worker's log")


def _plugin(provider: AppriseProvider) -> Any:
    """The plug-in's class; the library (and what it needs) is loaded by the first message only."""
    import importlib  # noqa: PLC0415

    module: Any = importlib.import_module(provider.module)
    if not isinstance(module.requests, _Post):
        module.requests = _Post(module.requests)
    return getattr(module, provider.plugin)


class _Post:
    """Stands for the module `requests` in a plug-in; only its ways of sending differ."""

    def __init__(self, requests: Any) -> None:
        self._requests = requests

    def __getattr__(self, name: str) -> Any:
        return getattr(self._requests, name)

    def request(self, method: str, url: str, **kwargs: Any) -> Any:
        if method.upper() != "POST":
            raise self._requests.RequestException(f"{method} is no way to send a message")
        return self.post(url, **kwargs)

    def post(self, url: str, **kwargs: Any) -> Any:
        sending = _sending.get()
        provider = sending.provider
        if provider.amend is not None:
            body = self._requests.compat.json.loads(kwargs["data"])
            kwargs["data"] = self._requests.compat.json.dumps(provider.amend(body, sending.secret))
        kwargs |= {"allow_redirects": False, "timeout": TIMEOUT, "verify": True}
        try:
            answer = self._requests.post(_through_gateway(url, provider.name), **kwargs)
        except self._requests.RequestException as error:
            # The address holds the robot's token: the error's own words would print it.
            sending.error = ServerAway(f"{type(error).__name__} from {urlsplit(url).hostname}")
            raise
        if wait := _wait(provider, answer):
            sending.error = TooFast(wait)
            raise self._requests.RequestException("too fast")
        said = _refusal(provider, answer)
        if said:
            sending.error = Unsent(f"{provider.name} said {said}")
            raise self._requests.RequestException(said)
        return answer


def _wait(provider: AppriseProvider, answer: Any) -> int:
    """Seconds until the provider takes the next message, where it refuses for speed; else 0."""
    if answer.status_code == 429:
        given = answer.headers.get("Retry-After", "")
        return int(given) if given.isdecimal() and 0 < int(given) <= 3600 else A_MINUTE
    if provider.too_fast is None:
        return 0
    try:
        body = answer.json()
    except ValueError:
        return 0
    return provider.too_fast(answer.status_code, body)


def waits_for(name: str, waits: Mapping[int, int]) -> Callable[[int, Any], int]:
    """Reads an answer such as `{"errcode": 45009}`; `waits`: code → seconds."""

    def read(status: int, body: Any) -> int:
        code = body.get(name) if isinstance(body, dict) else None
        return waits.get(code, 0) if isinstance(code, int) else 0

    return read


def _refusal(provider: AppriseProvider, answer: Any) -> str:
    text = answer.content[:ANSWER_BYTES].decode("utf-8", "replace")
    if answer.status_code != 200:
        return f"{answer.status_code}: {text[:200]}"
    try:
        body = answer.json()
    except ValueError:
        body = None
    return provider.accepted(body, text)


def code_is_zero(name: str) -> Callable[[Any, str], str]:
    """Reads an answer such as `{"errcode": 0, "errmsg": "ok"}`."""

    def read(body: Any, text: str) -> str:
        return "" if isinstance(body, dict) and body.get(name) == 0 else text[:200] or "nothing"

    return read


def _through_gateway(url: str, name: str) -> str:
    """The same address at the company's own gateway, where one is set for this chat."""
    gateway = settings.CHAT_GATEWAYS.get(name)
    if not gateway:
        return url
    own, there = urlsplit(gateway), urlsplit(url)
    path = own.path.rstrip("/") + there.path
    return urlunsplit((own.scheme, own.netloc, path, there.query, ""))
