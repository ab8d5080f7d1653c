"""Mails: text and HTML, with a stable Message-ID and the thread of what they are about."""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import gettext as _

from core.channels.errors import NotConfigured, ServerAway, Unreachable, Unsent
from core.channels.reachability import is_permanent
from core.channels.references import signed
from core.channels.shapes import absolute, as_html, as_text
from core.registry import Message, Reader, reply_address

#: What a mail without a thread is signed with.
NO_THREAD = "mail-1"
_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9._-]+")


def is_configured() -> bool:
    """Whether mails have somewhere to go; printing them to a log is not that."""
    backend = settings.EMAIL_BACKEND.removesuffix(".EmailBackend")
    if backend.endswith(".console"):
        return False
    return bool(settings.MAIL_SERVER_IS_GIVEN) if backend.endswith(".smtp") else True


def message_id(key: str, thread: str = "") -> str:
    """The Message-ID of an outbox key: a repeat carries the same one, as mail programs expect.

    An answer, or a report that it did not arrive, gives it back: it carries a signed reference,
    of its `thread` where it has one, so that we know our own mails.
    """
    local = _NOT_IN_IDS.sub(".", key)
    return f"<{local}.{signed(thread or NO_THREAD)}@{_domain()}>"


def thread_headers(thread: str, key: str) -> dict[str, str]:
    """Message-ID, and where the mail stands in the thread of what it is about ("ticket-12").

    All mails about one thing refer to one id that none of them has: so they form one thread,
    whichever of them a person got first.
    """
    headers = {"Message-ID": message_id(key, thread)}
    if thread:
        root = f"<thread.{signed(thread)}@{_domain()}>"
        headers |= {"References": root, "In-Reply-To": root}
    return headers


@dataclass(frozen=True)
class Envelope:
    """What a mail says of itself: the path where mails of its kind stop, and the kind's name."""

    stop_path: str = ""
    reason: str = ""

    @property
    def stop_url(self) -> str:
        return absolute(self.stop_path) if self.stop_path else ""

    def headers(self) -> dict[str, str]:
        """Read by mail programs: a button that stops such mails by one POST (RFC 8058)."""
        if not self.stop_path:
            return {}
        return {
            "List-Unsubscribe": f"<{self.stop_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }

    def footer(self) -> str:
        """The same for people, in the language of the mail; "" where nothing can be stopped."""
        if not self.stop_path:
            return ""
        return (
            _("You get this mail for: %(reason)s.") % {"reason": self.reason}
            + "\n"
            + (_("No more mails of this kind: %(url)s") % {"url": self.stop_url})
        )


def send_mail(
    reader: Reader,
    message: Message,
    key: str,
    connection: BaseEmailBackend,
    envelope: Envelope | None = None,
) -> None:
    """Hand one mail to the server.

    Raises `NotConfigured`, `ServerAway`, `Unreachable` (for good), `Unsent` (for now).
    """
    envelope = envelope or Envelope()
    if not is_configured():
        raise NotConfigured("no mail server is set up (OPSDESK_EMAIL_HOST)")
    headers = {
        **thread_headers(message.thread, key), **envelope.headers(),
        "Auto-Submitted": "auto-generated",
    }  # fmt: skip
    # One subject for all that is said about a thing: mail programs thread by it too.
    subject = " ".join((message.subject or message.title).split())
    answers = reply_address(message.thread) if message.thread else ""
    mail = EmailMultiAlternatives(
        subject, as_text(message, envelope.footer()), to=[reader.email], headers=headers,
        connection=connection, reply_to=[answers] if answers else None,
    )  # fmt: skip
    html = as_html(message, envelope.stop_url, envelope.reason)
    mail.attach_alternative(html, "text/html")
    try:
        mail.send()
    except smtplib.SMTPResponseException as error:
        said = _said(error.smtp_error)
        # After the text: only a finer code says that it is the address and not the text.
        if isinstance(error, smtplib.SMTPDataError) and is_permanent(554, said):
            raise Unreachable(f"{error.smtp_code} {said}") from error
        raise Unsent(f"{error.smtp_code} {said}") from error
    except smtplib.SMTPRecipientsRefused as error:
        said = "; ".join(f"{code} {_said(text)}" for code, text in error.recipients.values())
        gone = all(is_permanent(code, _said(text)) for code, text in error.recipients.values())
        refusal = Unreachable if gone else Unsent
        raise refusal(f"the address is refused: {said}") from error
    except (OSError, ssl.SSLError, smtplib.SMTPServerDisconnected) as error:
        raise ServerAway(f"{type(error).__name__}: {error}") from error
    except smtplib.SMTPException as error:
        raise Unsent(f"{type(error).__name__}: {error}") from error


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


def _said(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
