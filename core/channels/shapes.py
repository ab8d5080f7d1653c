"""A message in the shapes that channels take: text, HTML of a mail, text of a chat."""

from __future__ import annotations

from django.conf import settings
from django.template.loader import render_to_string

from core.registry import Link, Message


def absolute(path: str) -> str:
    """A path of ours as the reader's mail program or chat can open it."""
    return path if "://" in path else f"{settings.BASE_URL.rstrip('/')}{path}"


def as_text(message: Message) -> str:
    """The whole message as plain text, each link on a line of its own."""
    parts = [message.title] + ([message.text] if message.text else [])
    if message.facts:
        parts.append("\n".join(_fact(label, value) for label, value in message.facts))
    parts += [_quoted(words) for words in message.quotes]
    if message.links:
        parts.append("\n\n".join(_linked(link) for link in message.links))
    if message.note:
        parts.append(message.note)
    return "\n\n".join(parts) + "\n"


def as_chat(message: Message, message_id: str) -> str:
    """The body of a chat message; the last line carries the id that repeats would share."""
    parts = [message.text] if message.text else []
    parts += [_fact(label, value) for label, value in message.facts]
    parts += [_quoted(words) for words in message.quotes]
    parts += [_linked(link) for link in message.links]
    if message.note:
        parts.append(message.note)
    return "\n".join([*parts, f"#{message_id}"])


def as_html(message: Message) -> str:
    links = [
        {"label": link.label, "url": absolute(link.path), "is_first": link.is_first}
        for link in message.links
    ]
    return render_to_string("mail/message.html", {"message": message, "links": links})


def _fact(label: str, value: str) -> str:
    return f"{label}: {value}"


def _quoted(words: str) -> str:
    return "\n".join(f"> {line}" for line in words.splitlines())


def _linked(link: Link) -> str:
    return f"{link.label}\n{absolute(link.path)}"
