"""Tags on tickets: short names anybody on the desk may make up, and find again."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import BadInput, Problem
from tickets.actions.saving import save, take
from tickets.models import Tag, Ticket

TAG_MAX = 40
#: Tags one ticket may carry: more are no longer read.
TAGS_PER_TICKET = 20
_SPACE = re.compile(r"\s+")


def tag_ticket(
    ticket: Ticket,
    *,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Ticket:
    """Put tags on a ticket and take others off; `add` wins where both name one.

    A tag that differs from a known one by case only becomes the known one. Putting a tag on or
    taking one off never conflicts with somebody else's change, so `seen_version` is not compared.
    Raises BadInput, NotAllowed, WrongState.
    """
    wanted = [checked_tag(name) for name in add]
    unwanted = {checked_tag(name).casefold() for name in remove}
    with transaction.atomic():
        row = take(ticket, "edit", acting_user, None, ())
        kept = [name for name in row.tags if name.casefold() not in unwanted]
        result = _each_once([*kept, *_known(wanted)])
        if len(result) > TAGS_PER_TICKET:
            raise BadInput(
                Problem(
                    "tags", _("A ticket carries at most %(limit)s tags.")
                    % {"limit": TAGS_PER_TICKET},
                    _("Take one off first."), str(len(result)),
                )
            )  # fmt: skip
        if result != row.tags:
            Tag.objects.bulk_create([Tag(name=name) for name in result], ignore_conflicts=True)
            save(row, "tag", user=acting_user, now=now, fields={"tags": result})
    return row


def checked_tag(name: str) -> str:
    """The tag as it is kept. Raises BadInput for one that is empty, too long, or has a comma."""
    tag = _SPACE.sub(" ", unicodedata.normalize("NFKC", str(name))).strip().lstrip("#").strip()
    if not tag or len(tag) > TAG_MAX or "," in tag or not tag.isprintable():
        raise BadInput(
            Problem(
                "tags", _("This is no tag."),
                _("A tag has 1 to %(limit)s characters and no comma.") % {"limit": TAG_MAX},
                str(name)[:200],
            )
        )  # fmt: skip
    return tag


def _known(names: Iterable[str]) -> list[str]:
    """The names in the spelling that is in use already."""
    spelt: dict[str, str] = {}
    for name in names:
        known = Tag.objects.filter(name__iexact=name).values_list("name", flat=True).first()
        spelt.setdefault(name.casefold(), known or name)
    return list(spelt.values())


def _each_once(names: Iterable[str]) -> list[str]:
    """What was there first, then what is new, each once."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.casefold(), name)
    return list(found.values())
