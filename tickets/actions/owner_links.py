"""An owner answers by the signed link in their mail or chat, without signing in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import events
from core.errors import Problem
from tickets.actions.owning import (
    accept_cause,
    change_promised_date,
    decline_cause,
    deliver_cause,
)
from tickets.errors import LinkOver, LinkUsed, WrongState
from tickets.models import Cause, OwnerLink, OwnerLinkUse
from tickets.policies.owner_links import ACTS, Standing, standing_of


def answer_by_link(
    link: OwnerLink,
    act: str,
    given: Mapping[str, Any],
    *,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Cause:
    """Do one act as the link's owner: each act once, only for the push the link was made for.

    Raises `LinkUsed` for an act done by this link before, `LinkOver` when it opens nothing any
    more, and what the act itself refuses.
    """
    with transaction.atomic():
        held = OwnerLink.objects.select_for_update(of=("self",), no_key=True).get(pk=link.pk)
        cause = events.lock(Cause, held.cause_id)
        used = held.uses.filter(act=act).first()
        if used is not None:
            raise LinkUsed(
                Problem("", _("This was done already with this link."), _("Nothing was changed."))
            )
        if (standing := standing_of(held, cause, now)) != Standing.OPEN:
            raise LinkOver(standing)
        if act not in ACTS[cause.state]:
            raise WrongState(
                Problem(
                    "", _("The cause's present state does not allow this."),
                    _("Look at what can be done now."), act,
                )
            )  # fmt: skip
        OwnerLinkUse.objects.create(link=held, act=act, used_at=now)
        said: dict[str, Any] = {
            "acting_user": held.owner, "now": now, "seen_version": seen_version, "by_link": True,
        }  # fmt: skip
        if act == "accept":
            return accept_cause(cause, given["promised_on"], **said)
        if act == "date":
            return change_promised_date(cause, given["promised_on"], **said)
        if act == "decline":
            return decline_cause(cause, given["reason"], given["note"], **said)
        return deliver_cause(
            cause, given["text"], category=given["category"], module=given["module"], **said
        )
