"""Everything by name: commands, and what each app finds (the palette, and the page /search/)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.access import rights_of
from catalog.views.pages import entries
from core.registry import (
    Command,
    Suggestion,
    command_providers,
    search_providers,
)
from core.searchkey import normalised

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

#: Results of one app, and commands of one group, that are shown for some words.
FOUND_SHOWN = 6
#: Commands of one group that are shown before anything is typed.
OFFERED = 5


@dataclass(frozen=True)
class Group:
    """What one provider offers, under its heading."""

    name: str
    label: str
    commands: list[Command]
    found: list[Suggestion]


def find(user: User, query: str, now: dt.datetime) -> list[Group]:
    """Commands whose words begin like those typed, then what every app finds; no empty group."""
    return [*_commands(user, query, now), *_found(user, query)]


def _commands(user: User, query: str, now: dt.datetime) -> Iterable[Group]:
    wanted = normalised(query).split()
    for provider in command_providers():
        fitting = [command for command in provider.commands(user, now) if _fits(command, wanted)][
            : FOUND_SHOWN if wanted else OFFERED
        ]
        if fitting:
            yield Group(provider.name, provider.label(), fitting, [])


def _fits(command: Command, wanted: list[str]) -> bool:
    words = normalised(f"{command.label} {command.keywords}")
    return all(word in words for word in wanted)


def _found(user: User, query: str) -> Iterable[Group]:
    if not query.strip():
        return
    for provider in search_providers():
        if found := provider.search(user, query, FOUND_SHOWN):
            yield Group(provider.name, provider.label(), [], found)


def places_of(user: User) -> list[tuple[str, str, str]]:
    """The places a person may go, in the order of their day: name of the address, label, url."""
    rights = rights_of(user)
    wanted = [
        ("desk", _("Desk"), rights.is_staff),
        ("owner_page", _("Pushed to me"), rights.is_owner),
        ("help_home", _("Help home"), True),
        ("my_tickets", _("My tickets"), True),
        ("demands", _("Demands"), rights.is_staff or rights.is_owner),
        ("my_demands", _("What is planned"), not (rights.is_staff or rights.is_owner)),
        ("manuals", _("Manuals"), True),
        ("weekly_report_latest", _("Weekly report"), rights.is_staff),
        ("explore", _("Explore"), rights.is_staff),
        ("settings_home", _("Settings"), rights.is_administrator),
    ]
    return [(name, label, url) for name, label, may in wanted if may and (url := _url(name))]


def _url(name: str) -> str:
    """The address of a place; "" while its app has none."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


class SettingsCommands:
    """Every page of the settings, for who may open them."""

    name = "settings"

    def label(self) -> str:
        return _("Settings")

    def commands(self, user: AbstractBaseUser, now: dt.datetime) -> list[Command]:
        if not isinstance(user, User) or not rights_of(user).is_administrator:
            return []
        return [
            Command(
                str(entry.label), entry.url,
                f"settings {entry.name.replace('_', ' ')} {entry.group.label} {entry.lead}",
                entry.icon,
            )
            for entry in entries()
        ]  # fmt: skip


class AfterActCommands:
    """What comes after an act on the desk; one of three, remembered with the person."""

    name = "after_act"

    def label(self) -> str:
        return _("After an act")

    def commands(self, user: AbstractBaseUser, now: dt.datetime) -> list[Command]:
        if not isinstance(user, User) or not rights_of(user).is_staff:
            return []
        url = reverse("preferences_after_act")
        return [
            Command(
                str(choice.label), url, f"after act {choice.value}",
                "check" if user.after_act == choice.value else "right", method="post",
                fields=(("after_act", choice.value),),
            )
            for choice in User.AfterAct
        ]  # fmt: skip


class PlaceCommands:
    """Where one can go from anywhere."""

    name = "places"

    def label(self) -> str:
        return _("Go to")

    def commands(self, user: AbstractBaseUser, now: dt.datetime) -> list[Command]:
        if not isinstance(user, User):
            return []
        own = [
            ("submit", _("Submit a ticket"), "plus"),
            ("announcements", _("Announcements"), "horn"),
            ("trainings", _("Training"), "book"),
            ("inbox", _("Notices"), "bell"),
            ("preferences", _("Preferences"), "gear"),
        ]
        return [
            *(Command(label, url, name.replace("_", " ")) for name, label, url in places_of(user)),
            *(Command(label, reverse(name), name, icon) for name, label, icon in own),
        ]
