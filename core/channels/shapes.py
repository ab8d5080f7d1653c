"""A message in the shapes that channels take: text, HTML of a mail, text of a chat."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from core.registry import Link, Message, Section
from core.text import without_mentions

#: Characters that a text or a quote is cut to, one after the other, until a chat takes the message.
_CUTS = (2000, 1000, 500, 250, 120, 60)
#: Sections a digest is cut to.
_FEWER = (20, 12, 8, 5, 3, 1)


def absolute(path: str) -> str:
    """A path of ours as the reader's mail program or chat can open it."""
    return path if "://" in path else f"{settings.BASE_URL.rstrip('/')}{path}"


def as_text(message: Message, footer: str = "") -> str:
    """The whole message as plain text, each link on a line of its own."""
    parts = [message.title] + ([message.text] if message.text else [])
    if message.facts:
        parts.append("\n".join(_fact(label, value) for label, value in message.facts))
    parts += [_quoted(words) for words in message.quotes]
    parts += [_section(section) for section in message.sections]
    if message.links:
        parts.append("\n\n".join(_linked(link) for link in message.links))
    if message.note:
        parts.append(message.note)
    if footer:
        parts.append(f"-- \n{footer}")
    return "\n\n".join(parts) + "\n"


def as_chat(message: Message, message_id: str, most_bytes: int = 0) -> str:
    """The body of a chat message; the last line carries the id that repeats would share.

    `most_bytes` is what the chat takes, title included: other people's words are cut first, then
    sections are left out and counted. Links and id are never cut.
    """
    body = _chat_body(message, message_id)
    room = most_bytes - len(message.title.encode()) - 2
    if not most_bytes or len(body.encode()) <= room:
        return body
    for shorter in _shortened(message):
        body = _chat_body(shorter, message_id)
        if len(body.encode()) <= room:
            break
    return body


def _shortened(message: Message) -> list[Message]:
    """The message ever shorter; the last one is as short as it gets."""
    found = [
        replace(
            message,
            text=_cut(message.text, most),
            quotes=tuple(_cut(words, most) for words in message.quotes),
            facts=tuple((label, _cut(value, most)) for label, value in message.facts),
        )
        for most in _CUTS
    ]
    last = found[-1]
    for most in _FEWER:
        if len(message.sections) > most:
            left = len(message.sections) - most
            more = _("… and %(n)s more in OpsDesk.") % {"n": left}
            found.append(replace(last, sections=message.sections[:most], note=more))
    last = found[-1]
    found.append(replace(last, quotes=(), facts=(), note="", links=last.links[:1]))
    return found


def _chat_body(message: Message, message_id: str) -> str:
    parts = [message.text] if message.text else []
    parts += [_fact(label, value) for label, value in message.facts]
    parts += [_quoted(words) for words in message.quotes]
    parts += [_section(section) for section in message.sections]
    parts += [_linked(link) for link in message.links]
    if message.note:
        parts.append(message.note)
    return "\n".join([*parts, f"#{message_id}"])


def as_html(message: Message, stop_url: str = "", reason: str = "") -> str:
    """The mail as HTML; `stop_url` leads to no more mails of the kind that `reason` names."""
    links = [
        {"label": link.label, "url": absolute(link.path), "is_first": link.is_first}
        for link in message.links
    ]
    sections = [
        {"title": s.title, "lines": s.lines, "url": absolute(s.path) if s.path else ""}
        for s in message.sections
    ]
    there = {
        "message": message, "links": links, "sections": sections, "stop_url": stop_url,
        "reason": reason,
    }  # fmt: skip
    return render_to_string("mail/message.html", there)


def _cut(text: str, most: int) -> str:
    """`text` in at most so many characters, its lines kept."""
    words = without_mentions(text)
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def _fact(label: str, value: str) -> str:
    return f"{label}: {value}"


def _quoted(words: str) -> str:
    return "\n".join(f"> {line}" for line in words.splitlines())


def _section(section: Section) -> str:
    lines = [f"■ {section.title}", *(f"  · {line}" for line in section.lines if line)]
    if section.path:
        lines.append(f"  {absolute(section.path)}")
    return "\n".join(lines)


def _linked(link: Link) -> str:
    return f"{link.label}\n{absolute(link.path)}"
