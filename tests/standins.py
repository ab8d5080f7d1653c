"""Servers that speak the real protocols and count what really arrives: mail and chat.

They do not de-duplicate: a repeat is one more arrival.
"""

from __future__ import annotations

import email
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class MailServer:
    """Takes every mail, or answers with `refusal` while one is set; `unknown` are nobody's."""

    arrived: list[EmailMessage] = field(default_factory=list)
    refusal: str = ""
    unknown: set[str] = field(default_factory=set)
    host: str = "127.0.0.1"
    port: int = 0

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.unknown:
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 known"

    async def handle_DATA(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.refusal:
            return self.refusal
        content = envelope.content
        assert isinstance(content, bytes)
        self.arrived.append(email.message_from_bytes(content, policy=default))
        return "250 taken"

    def ids(self) -> Counter[str]:
        return Counter(str(mail["Message-ID"]) for mail in self.arrived)


@contextmanager
def mail_server(port: int = 0) -> Iterator[MailServer]:
    """A real SMTP server in a thread of its own."""
    handler = MailServer()
    controller = Controller(handler, hostname="127.0.0.1", port=port or free_port())
    controller.start()
    handler.port = controller.port
    try:
        yield handler
    finally:
        controller.stop()


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@dataclass
class Arrival:
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class ChatServer:
    """Answers as WeCom, DingTalk, Feishu, Slack and a webhook do: by the path that is asked."""

    arrived: list[Arrival] = field(default_factory=list)
    #: What to answer instead of success: status, body.
    answer: tuple[int, str] | None = None
    url: str = ""

    def success(self, path: str) -> tuple[int, str]:
        if path.startswith("/services/"):
            return 200, "ok"
        if "/bot/v2/hook/" in path:
            return 200, '{"code":0,"msg":"success","data":{}}'
        return 200, '{"errcode":0,"errmsg":"ok"}'


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    kept = ChatServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path, _, query = self.path.partition("?")
            kept.arrived.append(Arrival(path, query, dict(self.headers), body))
            status, text = kept.answer or kept.success(path)
            answer = text.encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", text)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: Any) -> None:
            """Not to the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
