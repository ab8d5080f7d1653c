"""A mail server in a process of its own, so that it can be killed: `python -m tests.mail_process`.

Each mail is written down and flushed to disk before the sender hears that it was taken: a kill
between the two makes the sender send it again, as with a real server. Arguments: port, file.
"""

from __future__ import annotations

import asyncio
import email
import os
import sys
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Register:
    """Notes the Message-ID of every arrival, a line each."""

    def __init__(self, file: Path) -> None:
        self.file = file.open("ab", buffering=0)

    async def handle_DATA(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        found = str(email.message_from_bytes(content)["Message-ID"])
        self.file.write("".join(found.split()).encode() + b"\n")
        os.fsync(self.file.fileno())
        await asyncio.sleep(0.003)  # the moment in which a kill makes a repeat
        return "250 taken"


def main(port: str, file: str) -> None:
    controller = Controller(Register(Path(file)), hostname="127.0.0.1", port=int(port))
    controller.start()
    print("ready", flush=True)
    sys.stdin.read()  # until whoever started it is gone
    controller.stop()


if __name__ == "__main__":
    main(*sys.argv[1:3])
