"""What a section of the settings is: which rows, which form, which actions.

A section names the actions it calls and nothing else; `catalog.views.pages` draws every section
in the same two pages. Adding a noun is adding a `Section`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django import forms
from django.db.models import Model, QuerySet

from accounts.models import User
from catalog.choices import SettingsGroup
from catalog.forms import SettingsForm

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column of the list; the first one is the link to the row."""

    label: str | StrPromise
    text: Callable[[Row], object]


@dataclass(frozen=True)
class PanelRow:
    """A line of a panel: what belongs to the row, with a link or a button to remove it."""

    pk: int
    cells: tuple[object, ...]
    url: str = ""
    removable: bool = True


@dataclass(frozen=True)
class Panel(Generic[Row]):
    """A list on the page of a row, with a form that adds to it."""

    name: str
    title: str | StrPromise
    empty: str | StrPromise
    rows: Callable[[Row], list[PanelRow]]
    form: type[forms.Form]
    add: Callable[[Row, dict[str, Any], User, dt.datetime], object]
    add_label: str | StrPromise
    added: str | StrPromise
    remove: Callable[[Row, int, User, dt.datetime], object] | None = None
    remove_label: str | StrPromise = ""
    removed: str | StrPromise = ""
    #: What adding or removing would do elsewhere: shown before it is done, unless empty.
    foresee: Callable[[Row, dict[str, Any], User, dt.datetime], list[str]] | None = None
    foresee_removal: Callable[[Row, int, User, dt.datetime], list[str]] | None = None


@dataclass(frozen=True)
class Act(Generic[Row]):
    """A button on the page of a row; `undo` names the act that takes it back."""

    name: str
    label: str | StrPromise
    done: str | StrPromise
    offered: Callable[[Row], bool]
    do: Callable[[Row, User, dt.datetime], object]
    undo: str = ""


@dataclass(frozen=True)
class Section(Generic[Row]):
    """One noun of the settings."""

    name: str
    icon: str
    title: str | StrPromise
    lead: str | StrPromise
    new_label: str | StrPromise
    empty: str | StrPromise
    rows: Callable[[], QuerySet[Row]]
    columns: tuple[Column[Row], ...]
    form: type[SettingsForm]
    edit: Callable[[Row, Any, User, dt.datetime], Row]
    create: Callable[[Any, User, dt.datetime], Row] | None = None
    search: Callable[[QuerySet[Row], str], QuerySet[Row]] | None = None
    panels: tuple[Panel[Row], ...] = ()
    acts: tuple[Act[Row], ...] = ()
    #: The section whose page leads here, for rows that are reached through another noun.
    parent: str = ""
    parent_of: Callable[[Row], int] | None = None
    #: Another way to add rows: label and name of its address.
    many: tuple[str | StrPromise, str] = ("", "")
    #: Under which heading of the settings home it stands.
    group: str = SettingsGroup.CATALOGUE
    #: What an edit would do elsewhere: shown before it is saved, unless empty.
    foresee: Callable[[Row, Any, User, dt.datetime], list[str]] | None = None
    #: A template with more about a row, below its form; its context under `more`.
    more: str = ""
    more_first: bool = False
    more_of: Callable[[Row, Mapping[str, str]], object] | None = None
    #: How far a row stands in a tree, from 0.
    depth: Callable[[Row], int] = field(default=lambda row: 0)
