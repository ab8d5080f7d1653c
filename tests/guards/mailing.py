"""What the guards need of mail in: a mailbox, mails that wait, and one that a worker will take."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

from django.core.files.base import File

from tests.tickets.letters import PNG, composed, letter
from tickets import actions as tickets
from tickets.incoming.mail.handling import handle_mail
from tickets.incoming.mail.reading import keep_mail
from tickets.incoming.mail.server import Fetched
from tickets.models import IncomingMessage, Mailbox

Data = dict[str, Any]


def build(world: Any) -> None:
    """A mailbox, a mail that became a ticket, one of a stranger that is held, one of a program."""
    tickets.create_mailbox(_fields(world), acting_user=world.cast.admin, now=world.now)
    mail = composed()
    mail.set_content("报表导不出来")
    mail.add_attachment(PNG, maintype="image", subtype="png", filename="a.png")
    for raw in (
        mail.as_bytes(),
        letter("程序写的", message_id="<auto@x>", more="Auto-Submitted: auto-replied"),
        letter("合作方的问题", sender="partner@else.example", message_id="<held@x>"),
    ):
        handle_mail({"message_id": arrive(raw, world.now).pk}, world.now)


def arrive(raw: bytes, now: Any) -> IncomingMessage:
    """A mail is kept, as the reader of mailboxes does; a job waits to handle it."""
    file: File[bytes] = File(io.BytesIO(raw), name="mail.eml")
    keep_mail(mailbox(), Fetched(1, file, len(raw), is_whole=True), now)
    return IncomingMessage.objects.filter(channel="mail").latest("pk")


def mailbox() -> Mailbox:
    return Mailbox.objects.get(name="服务台邮箱")


def held() -> IncomingMessage:
    return IncomingMessage.objects.get(thread="<held@x>")


def _fields(world: Any, name: str = "服务台邮箱") -> Data:
    # Nobody answers on port 1: a guard that reads it learns so at once.
    return {
        "name": name, "address": f"{len(name)}@example.com", "host": "127.0.0.1", "port": 1,
        "security": "none", "username": name, "secret": "geheim", "folder": "INBOX",
        "product_id": world.cast.products["crm"].pk,
    }  # fmt: skip


def _form(world: Any) -> Data:
    return {
        "name": "第二个邮箱", "address": "second@example.com", "host": "imap.example.com",
        "security": "tls", "port": 993, "username": "second", "secret": "geheim",
        "folder": "INBOX", "product": world.cast.products["crm"].pk, "strangers": "stand_in",
        "stand_in": "wangke", "is_active": "on",
    }  # fmt: skip


def _messages(world: Any, route: Any) -> dict[str, tuple[Any, ...]]:
    return {"": (held().pk,), "unknown": (999_999,)}


ARGUMENTS: dict[str, Callable[[Any, Any], Mapping[str, tuple[Any, ...]]]] = {
    "incoming_message": _messages,
    "incoming_raw": _messages,
    "incoming_try_again": _messages,
    "incoming_discard": _messages,
    "settings_mailboxes_edit": lambda world, route: {"": (mailbox().pk,)},
    "settings_mailboxes_try": lambda world, route: {"": (mailbox().pk,)},
    "settings_mailboxes_state": lambda world, route: {"": (mailbox().pk,)},
}
FORMS: dict[str, Callable[[Any], Data]] = {
    "incoming_try_again": lambda w: {"person": "wangke"},
    "incoming_discard": lambda w: {"reason": "广告"},
    "settings_mailboxes_new": _form,
    "settings_mailboxes_edit": _form,
    "settings_mailboxes_try": lambda w: {},
}


def _by(w: Any, person: str) -> Data:
    from tests.guards.world import ASKED_AT

    return {"acting_user": getattr(w.cast, person), "now": ASKED_AT}


DEEDS: dict[str, Callable[[Any, Callable[..., Any]], object]] = {
    "create_mailbox": lambda w, act: act(_fields(w, "另一个邮箱啊"), **_by(w, "admin")),
    "edit_mailbox": lambda w, act: act(mailbox(), {"folder": "Desk"}, **_by(w, "admin")),
}
WITHOUT_EVENT = {"try_mailbox": "it orders a job that looks into the mailbox and changes nothing"}


def mail_waits(world: Any) -> None:
    """A job that makes a ticket of a mail."""
    arrive(letter("新邮件", message_id="<waits@x>"), world.now)


def mailbox_tried(world: Any) -> None:
    tickets.try_mailbox(mailbox(), now=_by(world, "admin")["now"])


def mailbox_there(world: Any) -> Any:
    return _by(world, "admin")["now"]
