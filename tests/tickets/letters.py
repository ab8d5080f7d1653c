"""Mails as programs really write them, made in code, and a real IMAP server to put them into."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from typing import Any

from imapclient import IMAPClient

from tests.standins import free_port

DESK = "desk@example.com"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
) + b"\0" * 2000  # fmt: skip


def letter(
    body: bytes | str = "导出客户报表时一直转圈。",
    *,
    sender: str = "wangke@yuanhe.example",
    name: str = "王珂",
    subject: str = "报表导不出来",
    charset: str = "utf-8",
    label: str = "",
    message_id: str | None = "<1@client.example.com>",
    date: str | None = "Mon, 16 Nov 2026 10:00:00 +0800",
    kind: str = "text/plain",
    transfer: str = "8bit",
    more: str = "",
) -> bytes:
    """A mail written by hand: what a library would put right stays wrong."""
    data = body.encode(charset) if isinstance(body, str) else body
    if transfer == "base64":
        data = base64.encodebytes(data)
    head = [
        f"From: {Header(name, charset if charset != 'ascii' else 'utf-8').encode()} <{sender}>",
        f"To: {DESK}",
        f"Subject: {Header(subject, charset if charset != 'ascii' else 'utf-8').encode()}",
        *([f"Message-ID: {message_id}"] if message_id else []),
        *([f"Date: {date}"] if date else []),
        "MIME-Version: 1.0",
        f'Content-Type: {kind}; charset="{label or charset}"',
        f"Content-Transfer-Encoding: {transfer}",
    ]
    if more:
        head += more.strip("\n").split("\n")
    return "\r\n".join(head).encode() + b"\r\n\r\n" + data.replace(b"\n", b"\r\n")


def composed(**headers: str) -> EmailMessage:
    """The beginning of a well-made mail, for parts to be added."""
    mail = EmailMessage()
    given = {
        "From": "王珂 <wangke@yuanhe.example>", "To": DESK, "Subject": "报表导不出来",
        "Message-ID": "<2@client.example.com>", "Date": "Mon, 16 Nov 2026 10:00:00 +0800",
    } | {name.replace("_", "-"): value for name, value in headers.items()}  # fmt: skip
    for name, value in given.items():
        mail[name] = value
    return mail


def winmail(text: str, files: dict[str, bytes]) -> bytes:
    """A winmail.dat as Outlook writes it: TNEF with a body and attachments."""

    def attribute(level: int, kind: int, data: bytes) -> bytes:
        head = bytes([level]) + kind.to_bytes(4, "little") + len(data).to_bytes(4, "little")
        return head + data + (sum(data) % 65536).to_bytes(2, "little")

    out = b"\x78\x9f\x3e\x22" + b"\x01\x00"
    out += attribute(1, 0x00089006, (0x00010000).to_bytes(4, "little"))  # version
    out += attribute(1, 0x00069007, (936).to_bytes(4, "little") + b"\0" * 4)  # OEM code page
    out += attribute(1, 0x0002800C, text.encode("gb18030") + b"\0")  # body
    for name, data in files.items():
        out += attribute(2, 0x00069002, b"\x01\x00" + b"\0" * 12)  # rendering
        out += attribute(2, 0x00018010, name.encode("gb18030") + b"\0")  # title
        out += attribute(2, 0x0006800F, data)
    return out


@dataclass
class ImapServer:
    """pymap in a process of its own, with one user's mailbox in memory."""

    port: int
    username: str = "demouser"
    password: str = "demopass"

    @contextmanager
    def client(self, folder: str = "INBOX") -> Iterator[Any]:
        client = IMAPClient("127.0.0.1", port=self.port, ssl=False)
        try:
            client.login(self.username, self.password)
            if not client.folder_exists(folder):
                client.create_folder(folder)
            client.select_folder(folder)
            yield client
        finally:
            client.logout()

    def put(self, *mails: bytes, folder: str = "INBOX") -> None:
        with self.client(folder) as client:
            for mail in mails:
                client.append(folder, re.sub(rb"\r?\n", b"\r\n", mail))

    def number_anew(self, folder: str) -> None:
        """Delete the folder and make it again with its mails: a new UIDVALIDITY."""
        with self.client(folder) as client:
            found = client.fetch(client.search(), ["BODY.PEEK[]"])
            mails = [bytes(one[b"BODY[]"]) for _uid, one in sorted(found.items())]
        with self.client() as client:
            client.delete_folder(folder)
        self.put(*mails, folder=folder)


@contextmanager
def imap_server() -> Iterator[ImapServer]:
    port = free_port()
    words = [
        "-c", "from pymap.main import main; main()", "--host", "127.0.0.1", "--port", str(port),
        "--no-tls", "--no-service", "admin", "dict", "--demo-data",
    ]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        server = ImapServer(port)
        until = time.monotonic() + 30
        while True:
            try:
                with server.client():
                    break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        process.communicate(timeout=10)
