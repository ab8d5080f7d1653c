"""A message from outside as the page of incoming messages shows it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.files import open_stored
from tickets.choices import Channel
from tickets.incoming.mail.letter import read_letter
from tickets.models import ChatRobot, IncomingMessage, Mailbox

logger = logging.getLogger(__name__)

#: A larger mail is not opened for a page; it can be downloaded.
OPENED_BYTES = 5 * 1024 * 1024
_SHOWN = 6_000


@dataclass(frozen=True)
class Preview:
    """What a message says. `is_whole` is False where there is more than is shown."""

    text: str = ""
    files: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    is_whole: bool = True


def preview_of(message: IncomingMessage) -> Preview:
    """The words and files of a message; whatever is wrong with it, the page is shown."""
    if message.channel == Channel.CHAT:
        return _of_chat(message)
    if message.raw is None or message.raw.size > OPENED_BYTES:
        return Preview(is_whole=message.raw is None)
    try:
        with open_stored(message.raw) as file:
            raw = file.read()
        return _of_mail(raw)
    except Exception:
        # It may wait here just because it cannot be read.
        logger.exception("incoming message %s cannot be shown", message.pk)
        return Preview(is_whole=False)


def _of_mail(raw: bytes) -> Preview:
    letter = read_letter(raw)
    text = letter.content.text
    files = tuple(str(file.name) for file in letter.content.files)
    return Preview(
        text[:_SHOWN], files + tuple(letter.content.unread), letter.to[:10], len(text) <= _SHOWN
    )


def _of_chat(message: IncomingMessage) -> Preview:
    """What was read out of it: the raw call holds an address that lets anybody answer."""
    text = str(message.data.get("text", ""))
    files = tuple(str(kept["name"] or kept["kind"]) for kept in message.data.get("files", []))
    return Preview(text[:_SHOWN], files, is_whole=len(text) <= _SHOWN)


def source_names(sources: Iterable[str]) -> dict[str, str]:
    """The ways in by their names: two queries at most."""
    wanted = set(sources)
    names = {source: source for source in wanted}
    names["log"] = _("Pasted chat log")
    for kind, model in (("mailbox", Mailbox), ("robot", ChatRobot)):
        pks = [int(one.partition(":")[2]) for one in wanted if one.startswith(f"{kind}:")]
        if pks:
            rows = model.objects.filter(pk__in=pks).values_list("pk", "name")
            names |= {f"{kind}:{pk}": name for pk, name in rows}
    return names
