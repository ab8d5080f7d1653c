"""Mails: text and HTML, with a stable Message-ID and the thread of what they are about."""

from __future__ import annotations

import re
import smtplib
import ssl
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from core.channels.errors import NotConfigured, ServerAway, Unsent
from core.channels.references import signed
from core.channels.shapes import as_html, as_text
from core.registry import Message, Reader

_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9._-]+")


def is_configured() -> bool:
    """Whether mails have somewhere to go; printing them to a log is not that."""
    backend = settings.EMAIL_BACKEND.removesuffix(".EmailBackend")
    if backend.endswith(".console"):
        return False
    return bool(settings.MAIL_SERVER_IS_GIVEN) if backend.endswith(".smtp") else True


def message_id(key: str, thread: str = "") -> str:
    """The Message-ID of an outbox key: a repeat carries the same one, as mail programs expect.

    An answer gives it back: with a `thread` it carries the signed reference that names it.
    """
    local = _NOT_IN_IDS.sub(".", key)
    return f"<{local}.{signed(thread)}@{_domain()}>" if thread else f"<{local}@{_domain()}>"


def send_mail(reader: Reader, message: Message, key: str, connection: BaseEmailBackend) -> None:
    """Hand one mail to the server. Raises `NotConfigured`, `ServerAway`, `Unsent`."""
    if not is_configured():
        raise NotConfigured("no mail server is set up (OPSDESK_EMAIL_HOST)")
    headers = {"Message-ID": message_id(key, message.thread), "Auto-Submitted": "auto-generated"}
    if message.thread:
        # All mails about one thing refer to one id that none of them has: they form one thread.
        root = f"<thread.{signed(message.thread)}@{_domain()}>"
        headers |= {"References": root, "In-Reply-To": root}
    mail = EmailMultiAlternatives(
        " ".join(message.title.split()), as_text(message), to=[reader.email], headers=headers,
        connection=connection,
    )  # fmt: skip
    mail.attach_alternative(as_html(message), "text/html")
    try:
        mail.send()
    except smtplib.SMTPResponseException as error:
        raise Unsent(f"{error.smtp_code} {_said(error.smtp_error)}") from error
    except smtplib.SMTPRecipientsRefused as error:
        said = "; ".join(f"{code} {_said(text)}" for code, text in error.recipients.values())
        raise Unsent(f"the address is refused: {said}") from error
    except (OSError, ssl.SSLError, smtplib.SMTPServerDisconnected) as error:
        raise ServerAway(f"{type(error).__name__}: {error}") from error
    except smtplib.SMTPException as error:
        raise Unsent(f"{type(error).__name__}: {error}") from error


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


def _said(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
