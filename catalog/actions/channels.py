"""The robot of a team's chat group."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from catalog.models import Team
from core.channels.addresses import drop_address, keep_address
from core.models import ChatAddress


def set_team_robot(
    team: Team, provider: str, url: str, secret: str = "", *, acting_user: User, now: dt.datetime
) -> ChatAddress:
    """Send the team's messages to this robot. Raises `BadInput` naming field and remedy."""
    return keep_address(
        Team.SUBJECT, team.pk, provider, url, secret, acting_user=acting_user, now=now
    )


def remove_team_robot(team: Team, *, acting_user: User, now: dt.datetime) -> None:
    """Send nothing to the team's group any more; address and secret are forgotten."""
    drop_address(Team.SUBJECT, team.pk, acting_user=acting_user, now=now)
