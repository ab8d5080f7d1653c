"""States of demands, rounds and releases as shape, word and colour."""

from __future__ import annotations

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import markup
from core.charts import Part, stacked
from feedback.choices import DemandStatus, ReleaseStatus, RoundState
from feedback.search import Told

_DEMAND = {
    "collected": ("grey", "todo"), "evaluating": ("ink", "st-open"), "accepted": ("ink", "check"),
    "declined": ("grey", "st-cancelled"), "deferred": ("amber", "pause"),
    "scheduled": ("ink", "calendar"), "in_development": ("iris", "bolt"),
    "testing": ("iris", "shield"), "released": ("jade", "st-closed"), "closed": ("jade", "check"),
    "merged": ("grey", "merge"), "rolled_back": ("seal", "undo"),
}  # fmt: skip
_ROUND = {
    "owed": ("grey", "todo"), "queued": ("grey", "send"), "delivered": ("ink", "inbox"),
    "read": ("ink", "eye"), "confirmed": ("jade", "check"), "not_solved": ("seal", "x"),
    "expired": ("amber", "clock"), "informed": ("jade", "eye"), "unreachable": ("seal", "alert"),
    "waived": ("grey", "minus"),
}  # fmt: skip
_RELEASE = {
    "planned": ("ink", "calendar"), "released": ("jade", "st-closed"),
    "rolled_back": ("seal", "undo"),
}  # fmt: skip


def demand_badge(status: str, *, plain: bool = False) -> SafeString:
    tone, icon = _DEMAND[status]
    return markup.badge(str(DemandStatus(status).label), tone=tone, icon=icon, plain=plain)


def round_badge(state: str) -> SafeString:
    tone, icon = _ROUND[state]
    return markup.badge(str(RoundState(state).label), tone=tone, icon=icon, plain=True)


def release_badge(status: str) -> SafeString:
    tone, icon = _RELEASE[status]
    return markup.badge(str(ReleaseStatus(status).label), tone=tone, icon=icon)


def told_bar(told: Told) -> SafeString:
    """Confirmed, not solved, read and delivered over everybody owed."""
    only_read = max(0, told.read - told.confirmed - told.not_solved)
    only_delivered = max(0, told.delivered - max(told.read, told.confirmed + told.not_solved))
    parts = [
        Part(told.confirmed, "sure", _("%(n)s say it works") % {"n": told.confirmed}),
        Part(told.not_solved, "not", _("%(n)s say it does not") % {"n": told.not_solved}),
        Part(only_read, "read", _("%(n)s read it") % {"n": only_read}),
        Part(only_delivered, "told", _("%(n)s have it unread") % {"n": only_delivered}),
    ]
    return stacked(parts, label=told_words(told), total=max(told.people, 1))


def told_words(told: Told) -> str:
    return ngettext(
        "Of %(people)s person owed: delivered to %(delivered)s, read by %(read)s, confirmed by "
        "%(confirmed)s",
        "Of %(people)s people owed: delivered to %(delivered)s, read by %(read)s, confirmed by "
        "%(confirmed)s",
        told.people,
    ) % {
        "people": told.people, "delivered": told.delivered, "read": told.read,
        "confirmed": told.confirmed,
    }  # fmt: skip
