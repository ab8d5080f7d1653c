"""How people want to be told, and how the house tells them unless they choose otherwise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Telling, User
from accounts.policies import deviations, is_silent, may_stop, merged
from core import events
from core.changes import actor_id, add, revise
from core.channels.reachability import mark_reachable
from core.channels.routing import DIGEST
from core.errors import BadInput, Problem
from core.registry import NoticeGroup, notice_groups
from core.telling import Channel, Mode, Modes, Quiet, Rhythm, Wish

#: What a person or the house chooses besides the grid.
TIMES = frozenset({"zone", "quiet", "quiet_from", "quiet_to", "rhythm", "digest_at"})


def save_telling(
    person: User | None,
    modes: Modes,
    times: Mapping[str, Any],
    *,
    acting_user: User,
    now: dt.datetime,
) -> Telling:
    """Save the grid (group → channel → mode) and the times of a person, or of the house (None).

    Groups that are not named keep what was chosen. A cell that says what the house says is not
    kept: it follows the house. Raises `BadInput` where an obligation would be told nowhere.
    """
    groups = {group.name: group for group in notice_groups()}
    below = _house_modes() if person is not None else {}
    _check(groups, modes, below)
    _check_times(times)
    with transaction.atomic():
        row = _row_of(person)
        kept = {name: chosen for name, chosen in row.modes.items() if name not in modes}
        fields = {**times, "modes": {**kept, **deviations(groups, modes, below)}}
        if row._state.adding:
            for name, value in fields.items():
                setattr(row, name, value)
            return add(row, acting_user=acting_user, now=now)
        return revise(row, "choose", fields, acting_user=acting_user, now=now)


def stop_mails(person: User, group_name: str, *, now: dt.datetime) -> list[NoticeGroup]:
    """No more mails of a group, by the signed link in one of them. Returns which groups stopped.

    Of a digest: every group that may stop. An obligation is told in the inbox from then on.
    """
    return _turn_mail(person, group_name, Mode.OFF, now)


def resume_mails(person: User, group_name: str, *, now: dt.datetime) -> list[NoticeGroup]:
    """Take back `stop_mails`: the mails come as the house has it. Returns which groups."""
    return _turn_mail(person, group_name, None, now)


def _turn_mail(
    person: User, group_name: str, mode: Mode | None, now: dt.datetime
) -> list[NoticeGroup]:
    with transaction.atomic():
        row = _row_of(person)
        below = _house_modes()
        wish = Wish(modes=merged(below, row.modes))
        turned = [
            group
            for group in notice_groups()
            if group.name == group_name or (group_name == DIGEST and may_stop(group))
        ]
        modes = {name: dict(chosen) for name, chosen in row.modes.items()}
        for group in turned:
            chosen = modes.setdefault(group.name, {})
            chosen.pop(Channel.MAIL, None)
            if mode is not None:
                chosen[Channel.MAIL] = mode
                if not may_stop(group) and wish.mode(group, Channel.CHAT) == Mode.OFF:
                    chosen[Channel.INBOX] = Mode.NOW
        groups = {group.name: group for group in notice_groups()}
        fields = {"modes": deviations(groups, _known(groups, modes), below)}
        if row._state.adding:
            row.modes = fields["modes"]
            add(row, acting_user=person, now=now)
        else:
            revise(row, "stop_mail" if mode else "resume_mail", fields, acting_user=person, now=now)
    return turned


def follow_house(person: User, *, acting_user: User, now: dt.datetime) -> None:
    """Forget what the person chose: they are told as the house tells everybody."""
    with transaction.atomic():
        row = Telling.objects.filter(user=person).first()
        if row is None:
            return
        locked = events.lock(Telling, row.pk)
        empty = {"modes": {}, "zone": "", "quiet": "", "rhythm": ""}
        events.change(locked, "follow_house", actor_id=actor_id(acting_user), now=now, fields=empty)


def try_address_again(address: str) -> bool:
    """Send mails to an address that was given up; False when nothing stood against it."""
    return mark_reachable(address)


def _row_of(person: User | None) -> Telling:
    """The row, locked; a new one when nothing was chosen yet."""
    found = Telling.objects.select_for_update()
    row = found.filter(user=person).first() if person else found.filter(user__isnull=True).first()
    return row if row is not None else Telling(user=person)


def _house_modes() -> Modes:
    row = Telling.objects.filter(user__isnull=True).first()
    return row.modes if row is not None else {}


def _known(groups: Mapping[str, NoticeGroup], modes: Modes) -> Modes:
    return {name: chosen for name, chosen in modes.items() if name in groups}


def _check(groups: Mapping[str, NoticeGroup], modes: Modes, below: Modes) -> None:
    problems = []
    for name, chosen in modes.items():
        group = groups.get(name)
        if group is None:
            raise BadInput(
                Problem("modes", _("There is no such row."), ", ".join(sorted(groups)), name)
            )
        for channel, mode in chosen.items():
            if channel not in tuple(Channel) or mode not in tuple(Mode):
                raise BadInput(
                    Problem(
                        f"{channel}-{name}", _("This is no way of being told."),
                        ", ".join(Mode), str(mode)[:40],
                    )
                )  # fmt: skip
        if not may_stop(group) and is_silent(group, chosen, below):
            problems.append(
                Problem(
                    f"inbox-{name}",
                    _("“%(row)s” cannot be switched off altogether: somebody promised to tell.")
                    % {"row": group.label},
                    _("Leave one channel on: in OpsDesk, by e-mail or in your chat."),
                    str(Mode.OFF),
                )
            )  # fmt: skip
    if problems:
        raise BadInput(*problems)


def _check_times(times: Mapping[str, Any]) -> None:
    for name in times.keys() - TIMES:
        raise BadInput(Problem(name, _("This is no choice."), ", ".join(sorted(TIMES))))
    zone = times.get("zone", "")
    if zone and zone not in available_timezones():
        raise BadInput(
            Problem(
                "zone", _("There is no such time zone."),
                _("Name one such as %(zone)s.") % {"zone": settings.TIME_ZONE}, zone,
            )
        )  # fmt: skip
    if times.get("quiet") == Quiet.HOURS and times.get("quiet_from") == times.get("quiet_to"):
        raise BadInput(
            Problem(
                "quiet_to", _("The quiet time ends when it begins."),
                _("Choose two different times."), str(times.get("quiet_to")),
            )
        )  # fmt: skip
    if times.get("rhythm", "") not in ("", *Rhythm):
        raise BadInput(
            Problem("rhythm", _("There is no such digest."), ", ".join(Rhythm), times["rhythm"])
        )
