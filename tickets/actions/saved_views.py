"""Saved views: create, change, copy, delete, restore."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from catalog.access import rights_of
from catalog.models import Team
from core.changes import add, refuse, revise
from tickets.models import SavedView
from tickets.models.saved_views import KeptView
from tickets.search.filters import Asking, checked_filter
from tickets.search.listing import BOARDS, LAYOUTS, Listing
from tickets.search.queues import QUEUES
from tickets.search.views import is_slow

#: Views one person may keep: more nobody finds again.
MOST_VIEWS = 100
#: What `edit_view` may set besides the list itself.
SETTABLE = ("name", "team_ids", "is_for_everyone", "is_pinned", "position")


def create_view(
    name: str, listing: Listing, *, acting_user: User, now: dt.datetime, **settings: Any
) -> SavedView:
    """Keep a list under a name. Raises BadInput naming what could not be read or accepted."""
    listing = checked_listing(listing, acting_user, now)
    if SavedView.objects.filter(owner=acting_user, is_active=True).count() >= MOST_VIEWS:
        refuse(
            "name", _("You keep %(limit)s views already.") % {"limit": MOST_VIEWS},
            _("Delete one first."), name,
        )  # fmt: skip
    view = SavedView(
        name=name.strip(), owner=acting_user,
        **_columns(listing), **checked_settings(settings, acting_user),
    )  # fmt: skip
    view.is_slow = is_slow(listing, Asking(acting_user, now))
    return add(view, acting_user=acting_user, now=now, guard=refuse_same_name)


def edit_view(
    view: SavedView,
    *,
    listing: Listing | None = None,
    settings: Mapping[str, Any] | None = None,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> SavedView:
    """Change what a view lists, or its name, sharing and place. Raises BadInput, StaleWrite."""
    fields = checked_settings(settings or {}, acting_user, view)
    derived: dict[str, Any] = {}
    if listing is not None:
        listing = checked_listing(listing, acting_user, now)
        fields |= _columns(listing)
        if Listing.of_view(view) != listing:
            derived = {"is_slow": is_slow(listing, Asking(acting_user, now))}
    return revise(
        view, "edit", fields, acting_user=acting_user, now=now, seen_version=seen_version,
        guard=refuse_same_name, derived=derived,
    )  # fmt: skip


def copy_view(view: SavedView, *, acting_user: User, now: dt.datetime) -> SavedView:
    """The same list as a personal view of the acting person.

    What it names and is gone stays named: the copy says so as the original does.
    """
    copied = SavedView(
        name=name_of_copy(view, acting_user),
        owner=acting_user,
        is_slow=view.is_slow,
        **_columns(Listing.of_view(view)),
    )
    return add(copied, acting_user=acting_user, now=now, guard=refuse_same_name)


def name_of_copy(view: KeptView, user: User) -> str:
    """What a copy for this person is called: no view of theirs has the name."""
    base = _("%(name)s (copy)") % {"name": view.name[:50]}
    views: Any = view.__class__._default_manager
    mine = views.filter(owner=user, is_active=True)
    taken = set(mine.values_list("name", flat=True))
    name, number = base, 2
    while name in taken:
        name, number = f"{base} {number}", number + 1
    return name


def delete_view(
    view: SavedView, *, acting_user: User, now: dt.datetime, seen_version: int | None = None
) -> SavedView:
    """Take a view away from everybody; `restore_view` brings it back."""
    return revise(
        view, "delete", {"is_active": False}, acting_user=acting_user, now=now,
        seen_version=seen_version,
    )  # fmt: skip


def restore_view(view: SavedView, *, acting_user: User, now: dt.datetime) -> SavedView:
    """Bring a deleted view back."""
    return revise(
        view,
        "restore",
        {"is_active": True},
        acting_user=acting_user,
        now=now,
        guard=refuse_same_name,
    )


def checked_listing(listing: Listing, user: User, now: dt.datetime) -> Listing:
    """The listing with its defaults written out. Raises BadInput."""
    read = listing.read(Asking(user, now))
    checked_filter(listing.filters, read.asking)
    for problem in read.named_problems():
        refuse(problem.field, str(problem.message), str(problem.remedy), problem.value)
    for field, value, known in (
        ("queue", listing.queue, QUEUES), ("layout", listing.layout, LAYOUTS),
        ("board", listing.board, BOARDS),
    ):  # fmt: skip
        if value and value not in known:
            refuse(field, _("“%(value)s” is not one of the choices.") % {"value": value[:40]},
                   ", ".join(known), value)  # fmt: skip
    return replace(
        listing, queue=listing.queue_key, layout=read.layout,
        filters=tuple(chip.text for chip in read.filter.chips),
    )  # fmt: skip


def _columns(listing: Listing) -> dict[str, Any]:
    return listing.as_json()


def checked_settings(
    settings: Mapping[str, Any], user: User, view: KeptView | None = None
) -> dict[str, Any]:
    """Settings as columns. A view is shared only with one's own teams, unless one administers."""
    fields = {name: settings[name] for name in SETTABLE if name in settings}
    if "name" in fields:
        fields["name"] = str(fields["name"]).strip()
    if "team_ids" in fields:
        wanted = sorted(set(fields["team_ids"]))
        rights = rights_of(user)
        allowed = set(view.team_ids) if view is not None else set()
        allowed |= set(rights.team_ids)
        if rights.is_administrator or rights.is_manager:
            allowed |= set(Team.objects.filter(is_active=True).values_list("pk", flat=True))
        for team_id in wanted:
            if team_id not in allowed:
                refuse(
                    "team_ids", _("You cannot share a view with this team."),
                    _("Choose one of your own teams."), team_id,
                )  # fmt: skip
        fields["team_ids"] = wanted
    return fields


def refuse_same_name(view: KeptView) -> None:
    """One person's views have different names."""
    views: Any = view.__class__._default_manager
    others = views.filter(owner_id=view.owner_id, is_active=True, name__iexact=view.name).exclude(
        pk=view.pk
    )
    if others.exists():
        refuse(
            "name", _("You have a view called “%(name)s” already.") % {"name": view.name},
            _("Choose another name."), view.name,
        )  # fmt: skip
