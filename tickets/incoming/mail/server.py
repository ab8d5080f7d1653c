"""What is asked of an IMAP server, and in which words it fails.

Mails are fetched in pieces, so that a large one costs the worker no more memory than a small one.
Nothing is changed on the server: no mail is marked, moved or deleted.
"""

from __future__ import annotations

import datetime as dt
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.utils.translation import gettext as _
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from core.channels.safety import Forbidden, reachable
from tickets.choices import MailSecurity
from tickets.models import Mailbox

CONNECT_SECONDS = 10
#: For one answer of the server, not for a whole mail.
READ_SECONDS = 60
_PIECE = 1024 * 1024
_IN_MEMORY = 4 * 1024 * 1024


class MailboxError(Exception):
    """The mailbox could not be read; the words are for the settings page."""


@dataclass(frozen=True)
class Folder:
    """The folder as the server sees it. Uids count up; a new `uid_validity` numbers anew."""

    uid_validity: int
    uid_next: int
    count: int


@dataclass(frozen=True)
class Fetched:
    """A mail as it came. `is_whole` is False where it was larger than anything we keep."""

    uid: int
    file: File[bytes]
    size: int
    is_whole: bool


@contextmanager
def opened(mailbox: Mailbox) -> Iterator[tuple[Any, Folder]]:
    """A connection to the mailbox with its folder open for reading. Raises `MailboxError`."""
    client = None
    try:
        client = _connected(mailbox)
        yield client, _selected(client, mailbox.folder)
    except MailboxError:
        raise
    except Forbidden as error:
        raise MailboxError(
            _("%(why)s. Whoever runs OpsDesk can allow it (OPSDESK_ALLOWED_PRIVATE_HOSTS).")
            % {"why": error}
        ) from error
    except ssl.SSLError as error:
        raise MailboxError(
            _("The encryption failed: %(why)s. Look at port, kind of encryption and certificate.")
            % {"why": getattr(error, "verify_message", "") or error.reason or error}
        ) from error
    except TimeoutError as error:
        raise MailboxError(_("The server did not answer in time.")) from error
    except (OSError, socket.gaierror) as error:
        raise MailboxError(
            _("Nobody answers at %(host)s, port %(port)s: %(why)s.")
            % {"host": mailbox.host, "port": mailbox.port, "why": error.strerror or error}
        ) from error
    except IMAPClientError as error:
        raise MailboxError(_("The server said: %(said)s") % {"said": _plain(error)}) from error
    finally:
        if client is not None:
            _leave(client)


def _connected(mailbox: Mailbox) -> Any:
    # Asked for its own sake: the client goes by the name, which the certificate must show.
    reachable(mailbox.host, mailbox.port)
    context = ssl.create_default_context(cafile=settings.MAIL_CA_FILE or None)
    secure = mailbox.security == MailSecurity.TLS
    client: Any = IMAPClient(
        mailbox.host, port=mailbox.port, ssl=secure, ssl_context=context if secure else None,
        timeout=_timeout(),
    )  # fmt: skip
    try:
        if mailbox.security == MailSecurity.STARTTLS:
            client.starttls(context)
        client.login(mailbox.username, mailbox.secret)
        # NetEase refuses to open a folder for programs that do not say who they are.
        if client.has_capability("ID"):
            client.id_({"name": "OpsDesk", "version": "1", "vendor": "OpsDesk"})
    except LoginError as error:
        _leave(client)
        raise MailboxError(
            _("User name or password are not taken: %(said)s") % {"said": _plain(error)}
        ) from error
    except BaseException:
        _leave(client)
        raise
    return client


def _timeout() -> Any:
    from imapclient import SocketTimeout  # noqa: PLC0415

    return SocketTimeout(connect=CONNECT_SECONDS, read=READ_SECONDS)


def _selected(client: Any, name: str) -> Folder:
    try:
        found = client.select_folder(name, readonly=True)
    except IMAPClientError as error:
        names = ", ".join(str(one[2]) for one in client.list_folders()[:15])
        raise MailboxError(
            _("There is no folder “%(name)s”; there are: %(names)s.")
            % {"name": name, "names": names}
        ) from error
    return Folder(
        int(found.get(b"UIDVALIDITY") or 0), int(found.get(b"UIDNEXT") or 0),
        int(found.get(b"EXISTS") or 0),
    )  # fmt: skip


def uids_after(client: Any, last: int) -> list[int]:
    """The uids behind `last`, in their order. A server answers `n:*` with the last mail always."""
    return sorted(uid for uid in client.search(["UID", f"{last + 1}:*"]) if uid > last)


def uids_since(client: Any, day: dt.date) -> list[int]:
    """The uids of mails that arrived on `day` or later."""
    return sorted(client.search(["SINCE", day]))


@contextmanager
def fetched(client: Any, uid: int) -> Iterator[Fetched | None]:
    """One mail, piece by piece, while it is looked at; None when it is no longer there."""
    found = client.fetch([uid], ["RFC822.SIZE"]).get(uid)
    if found is None:
        yield None
        return
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as spooled:
        size = 0
        while size < settings.MAIL_KEEP_BYTES:
            piece = _piece(client, uid, size)
            spooled.write(piece)
            size += len(piece)
            # Servers reckon the size differently by a few bytes: the last piece is the short one.
            if len(piece) < _PIECE:
                break
        spooled.seek(0)
        file: File[bytes] = File(spooled, name="mail.eml")
        file.size = size
        said = int(found.get(b"RFC822.SIZE") or 0)
        yield Fetched(uid, file, max(size, said), is_whole=size < settings.MAIL_KEEP_BYTES)


def _piece(client: Any, uid: int, start: int) -> bytes:
    answer = client.fetch([uid], [f"BODY.PEEK[]<{start}.{_PIECE}>"]).get(uid) or {}
    return b"".join(
        bytes(value or b"") for name, value in answer.items() if name.startswith(b"BODY[]")
    )


def folders(client: Any) -> Sequence[str]:
    return [str(one[2]) for one in client.list_folders()]


def _leave(client: Any) -> None:
    try:
        client.logout()
    except (IMAPClientError, OSError):
        client.shutdown()


def _plain(error: Exception) -> str:
    said = str(error)
    return (said[2:-1] if said.startswith(("b'", 'b"')) else said)[:200]
