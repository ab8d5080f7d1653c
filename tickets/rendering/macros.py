"""The text of a macro for one ticket: plain substitution of a listed set, never a template."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tickets.models import Macro, Ticket

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

_PLACE = re.compile(r"\{\{([^{}\n]*)\}\}")
#: What Markdown or a mention would take for its own in a value that somebody else typed.
_MARKS = re.compile(r"([\\`*_\[\]<>@#~|])")


@dataclass(frozen=True)
class Variable:
    """What `{{name}}` stands for, and how the list of them says so."""

    label: StrPromise
    value: Callable[[Ticket, User], object]


def _promised(ticket: Ticket, user: User) -> object:
    day = ticket.promised_on
    return date_format(day, "DATE_FORMAT") if day else ""


VARIABLES: dict[str, Variable] = {
    "requester": Variable(_("name of the requester"), lambda t, u: t.requester.name),
    "me": Variable(_("your name"), lambda t, u: u.name),
    "ref": Variable(_("number of the ticket"), lambda t, u: t.ref),
    "title": Variable(_("title of the ticket"), lambda t, u: t.title),
    "product": Variable(_("product"), lambda t, u: t.product),
    "module": Variable(_("module"), lambda t, u: t.module or ""),
    "team": Variable(_("team that has it"), lambda t, u: t.team or ""),
    "promised": Variable(_("promised date"), _promised),
    "workaround": Variable(
        _("workaround of its known issue"), lambda t, u: t.cause.workaround if t.cause else ""
    ),
}


def names_in(text: str) -> list[str]:
    """The names between double braces, as they were typed."""
    return [match[1].strip() for match in _PLACE.finditer(text)]


def unknown_names(text: str) -> list[str]:
    """Those of them that stand for nothing."""
    return [name for name in names_in(text) if name not in VARIABLES]


def filled(text: str, ticket: Ticket, user: User) -> str:
    """`text` with each name replaced; what a value holds stays plain words."""

    def put(match: re.Match[str]) -> str:
        variable = VARIABLES.get(match[1].strip())
        return match[0] if variable is None else escaped(str(variable.value(ticket, user)))

    return _PLACE.sub(put, text)


def escaped(value: str) -> str:
    return _MARKS.sub(r"\\\1", value)


def empty_names(text: str, ticket: Ticket, user: User) -> list[str]:
    """Names that are known but stand for nothing on this ticket, in the order of the text."""
    return [
        name
        for name in dict.fromkeys(names_in(text))
        if name in VARIABLES and not str(VARIABLES[name].value(ticket, user))
    ]


def text_for(macro: Macro, ticket: Ticket) -> tuple[str, str]:
    """The macro's text in the requester's language, or the other one where it has none."""
    texts = {"zh-hans": macro.text_zh, "en": macro.text_en}
    wanted = ticket.requester.language
    other = "en" if wanted == "zh-hans" else "zh-hans"
    language = wanted if texts.get(wanted, "").strip() else other
    return texts[language], language


def macro_text(macro: Macro, ticket: Ticket, user: User) -> str:
    """What the macro says on this ticket."""
    text, language = text_for(macro, ticket)
    with translation.override(language):
        return filled(text, ticket, user)
