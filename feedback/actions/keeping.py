"""What the demand table keeps for its people: saved views, and how one has set up its columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from core.changes import add, refuse, revise
from core.errors import BadInput
from feedback.models import DemandView, TableLayout
from feedback.search.columns import read_columns
from feedback.search.listing import DemandListing
from tickets.actions.saved_views import (
    MOST_VIEWS,
    checked_settings,
    name_of_copy,
    refuse_same_name,
)
from tickets.search.filters import Asking


def create_demand_view(
    name: str, listing: DemandListing, *, acting_user: User, now: dt.datetime, **settings: Any
) -> DemandView:
    """Keep a list under a name. Raises BadInput naming what could not be read or accepted."""
    listing = checked_listing(listing, acting_user, now)
    if DemandView.objects.filter(owner=acting_user, is_active=True).count() >= MOST_VIEWS:
        refuse("name", _("You keep %(limit)s views already.") % {"limit": MOST_VIEWS},
               _("Delete one first."), name)  # fmt: skip
    view = DemandView(
        name=name.strip(), owner=acting_user, **listing.as_columns(),
        **checked_settings(settings, acting_user),
    )  # fmt: skip
    return add(view, acting_user=acting_user, now=now, guard=refuse_same_name)


def edit_demand_view(
    view: DemandView,
    *,
    listing: DemandListing | None = None,
    settings: Mapping[str, Any] | None = None,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> DemandView:
    """Change what a view lists, or its name, sharing and place. Raises BadInput, StaleWrite."""
    fields = checked_settings(settings or {}, acting_user, view)
    if listing is not None:
        fields |= checked_listing(listing, acting_user, now).as_columns()
    return revise(
        view, "edit", fields, acting_user=acting_user, now=now, seen_version=seen_version,
        guard=refuse_same_name,
    )  # fmt: skip


def copy_demand_view(view: DemandView, *, acting_user: User, now: dt.datetime) -> DemandView:
    """The same list as a personal view of the acting person."""
    copied = DemandView(
        name=name_of_copy(view, acting_user), owner=acting_user,
        **DemandListing.of_view(view).as_columns(),
    )  # fmt: skip
    return add(copied, acting_user=acting_user, now=now, guard=refuse_same_name)


def delete_demand_view(
    view: DemandView, *, acting_user: User, now: dt.datetime, seen_version: int | None = None
) -> DemandView:
    """Take a view away from everybody; `restore_demand_view` brings it back."""
    return revise(
        view, "delete", {"is_active": False}, acting_user=acting_user, now=now,
        seen_version=seen_version,
    )  # fmt: skip


def restore_demand_view(view: DemandView, *, acting_user: User, now: dt.datetime) -> DemandView:
    """Bring a deleted view back."""
    return revise(
        view, "restore", {"is_active": True}, acting_user=acting_user, now=now,
        guard=refuse_same_name,
    )  # fmt: skip


def checked_listing(listing: DemandListing, user: User, now: dt.datetime) -> DemandListing:
    """The listing with its defaults written out. Raises BadInput."""
    read = listing.read(Asking(user, now))
    if problems := read.named_problems():
        raise BadInput(*problems)
    return replace(
        listing, scope=listing.scope_key, layout=read.layout, frozen=read.frozen,
        filters=tuple(chip.text for chip in read.filter.chips),
    )  # fmt: skip


def keep_layout(
    view: DemandView | None, columns: Sequence[str], frozen: int, *, acting_user: User
) -> TableLayout:
    """Which columns, in which order, and how many stay in sight: one person's, for one view.

    Raises BadInput naming what is no column.
    """
    found, problems = read_columns(columns)
    if problems:
        raise BadInput(*problems)
    if not found:
        refuse("columns", _("A table needs a column."), _("Choose at least one."))
    row, _made = TableLayout.objects.update_or_create(
        person=acting_user, view=view,
        defaults={"columns": [column.key for column in found],
                  "frozen": max(0, min(frozen, len(found)))},
    )  # fmt: skip
    return row


def forget_layout(view: DemandView | None, *, acting_user: User) -> None:
    """Back to the columns of the view, or of the house."""
    TableLayout.objects.filter(person=acting_user, view=view).delete()
