"""A server as the product starts it, and a signed-in client that times whole answers."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils.crypto import get_random_string

from accounts.models import User

_INPUT = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_READY_SECONDS = 30


@contextmanager
def server() -> Iterator[int]:
    """gunicorn with two sync workers, like `make run`, with the bench's addresses; its port."""
    port = _free_port()
    log = (Path(settings.DATA_DIR) / "log" / "bench-web.log").open("wb")
    process = subprocess.Popen(
        [
            sys.executable, "-m", "gunicorn", "opsdesk.wsgi", "--workers", "2", "--preload",
            "--bind", f"127.0.0.1:{port}", "--timeout", "120", "--no-control-socket",
        ],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "opsdesk.bench.settings"},
        cwd=settings.BASE_DIR,
        stdout=log,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _READY_SECONDS
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError("the bench's web server did not start; see log/bench-web.log")
        time.sleep(0.1)


@dataclass(frozen=True)
class Answer:
    """One whole answer and how long it took, from connecting to the last byte."""

    status: int
    body: str
    seconds: float


@dataclass
class Client:
    """One signed-in person on one connection at a time (sync workers close it each time)."""

    port: int
    user: User
    cookies: str = field(init=False)
    token: str = field(init=False)

    def __post_init__(self) -> None:
        session = SessionStore()
        session[SESSION_KEY] = str(self.user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = self.user.get_session_auth_hash()
        session.create()
        self.token = get_random_string(32)
        self.cookies = (
            f"{settings.SESSION_COOKIE_NAME}={session.session_key};"
            f" {settings.CSRF_COOKIE_NAME}={self.token}"
        )

    def get(self, address: str) -> Answer:
        return self._ask("GET", address, None)

    def send(self, address: str, fields: dict[str, str]) -> Answer:
        """Fetch the form (untimed), then send it with its hidden fields."""
        page = self.get(address)
        hidden = hidden_fields(page.body)
        hidden["csrfmiddlewaretoken"] = self.token
        return self._ask("POST", address, urlencode({**hidden, **fields}))

    def _ask(self, method: str, address: str, body: str | None) -> Answer:
        headers = {"Cookie": self.cookies, "Accept-Encoding": "identity"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        begun = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, address, body, headers)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        seconds = time.perf_counter() - begun
        return Answer(response.status, content.decode("utf-8", "replace"), seconds)


def hidden_fields(html: str) -> dict[str, str]:
    """Names and values of the hidden fields of a page's forms; the first of a name counts."""
    found: dict[str, str] = {}
    for tag in _INPUT.findall(html):
        given = dict(_ATTRIBUTE.findall(tag))
        if given.get("type") == "hidden" and given.get("name"):
            found.setdefault(given["name"], unescape(given.get("value", "")))
    return found
