"""The history of a demand or release as sentences, each one text with its names filled in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from core.events import history
from core.models import Event
from feedback.models import Demand, Release
from feedback.search.columns import COLUMNS


@dataclass(frozen=True)
class Line:
    """One thing that happened."""

    at: dt.datetime
    icon: str
    text: str
    words: str = ""


@dataclass(frozen=True)
class _Names:
    people: Mapping[int, str]
    releases: Mapping[int, str]

    def who(self, pk: Any) -> str:
        return self.people.get(pk, _("The system")) if pk else _("The system")


def _after(event: Event, column: str) -> Any:
    return event.changes.get(column, (None, None))[1]


def _day(value: Any) -> str:
    day = parse_date(str(value or ""))
    return date_format(day, "SHORT_DATE_FORMAT") if day else "—"


def _created(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s opened the demand") % {"who": who}


def _feedback(event: Event, who: str, names: _Names) -> str:
    person = names.who(event.data.get("person_id"))
    return _("%(who)s added the words of %(person)s") % {"who": who, "person": person}


def _evaluated(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s took it into evaluation") % {"who": who}


def _accepted(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s accepted the demand") % {"who": who}


def _declined(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s declined the demand") % {"who": who}


def _deferred(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s deferred it; it is looked at again on %(day)s") % {
        "who": who, "day": _day(_after(event, "deferred_until")),
    }  # fmt: skip


def _scheduled(event: Event, who: str, names: _Names) -> str:
    before, after = event.changes.get("planned_on", (None, None))
    if before:
        return _("%(who)s moved the date from %(before)s to %(after)s") % {
            "who": who, "before": _day(before), "after": _day(after),
        }  # fmt: skip
    return _("%(who)s scheduled it for %(day)s") % {"who": who, "day": _day(after)}


def _developed(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s put it into development") % {"who": who}


def _tested(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s put it into testing") % {"who": who}


def _edited(event: Event, who: str, names: _Names) -> str:
    labels = {column.attr: str(column.label) for column in COLUMNS.values() if column.attr}
    changed = [labels.get(name, "") for name in event.changes]
    fields = pgettext("between items of a list", ", ").join(dict.fromkeys(filter(None, changed)))
    if not fields:
        return _("%(who)s changed further fields") % {"who": who}
    return _("%(who)s changed: %(fields)s") % {"who": who, "fields": fields}


def _carried(event: Event, who: str, names: _Names) -> str:
    before, after = event.changes.get("release_id", (None, None))
    if after is None:
        return _("%(who)s took it out of release %(release)s") % {
            "who": who, "release": names.releases.get(before, ""),
        }  # fmt: skip
    return _("%(who)s put it into release %(release)s") % {
        "who": who, "release": names.releases.get(after, ""),
    }  # fmt: skip


def _released(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s released it") % {"who": who}


def _verified(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s verified it in production; the requesters are asked") % {"who": who}


def _appealed(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s appealed the decision") % {"who": who}


def _reopened(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s said that it is not solved; it is in development again") % {"who": who}


def _rolled_back(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s rolled the release back") % {"who": who}


def _closed(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s reviewed the result and closed the loop") % {"who": who}


def _release_created(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s planned the release") % {"who": who}


def _gate_filled(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s filled in the gate") % {"who": who}


def _people_seen(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s looked through who will be told") % {"who": who}


def _failed(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s tried it in production and it did not work") % {"who": who}


def _recurred(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s reopened it: the defect came back after its release") % {"who": who}


def _told_progress(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s wrote to everybody owed") % {"who": who}


def _ref(event: Event) -> str:
    return f"D-{event.data.get('demand_id', '')}"


def _merged(event: Event, who: str, names: _Names) -> str:
    into = event.changes.get("merged_into_id", (None, None))[1]
    return _("%(who)s merged it into %(ref)s") % {"who": who, "ref": f"D-{into}"}


def _merged_in(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s merged %(ref)s into it") % {"who": who, "ref": _ref(event)}


def _unmerged(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s took the merge back") % {"who": who}


def _gave_back(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s took the merge of %(ref)s back") % {"who": who, "ref": _ref(event)}


def _split(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s split %(ref)s off") % {"who": who, "ref": _ref(event)}


def _split_off(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s split it off %(ref)s") % {"who": who, "ref": _ref(event)}


def _rolled_out(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s rolled it out to one part more, from %(day)s") % {
        "who": who, "day": _day(event.data.get("starts_on")),
    }  # fmt: skip


def _left_out(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s took a part of the roll-out out again") % {"who": who}


def _to_everybody(event: Event, who: str, names: _Names) -> str:
    return _("%(who)s rolled it out to everybody, from %(day)s") % {
        "who": who, "day": _day(_after(event, "everybody_from")),
    }  # fmt: skip


Sentence = Callable[[Event, str, _Names], str]
DEMAND: dict[str, tuple[str, Sentence]] = {
    "edit": ("edit", _edited), "create": ("plus", _created), "feedback": ("chat", _feedback),
    "evaluate": ("st-open", _evaluated), "accept": ("check", _accepted),
    "decline": ("st-cancelled", _declined), "defer": ("pause", _deferred),
    "schedule": ("calendar", _scheduled), "develop": ("bolt", _developed),
    "test": ("shield", _tested), "put_in_release": ("box", _carried),
    "release": ("release", _released), "verify": ("shield", _verified),
    "appeal": ("flag", _appealed), "reopen": ("again", _reopened),
    "roll_back": ("undo", _rolled_back), "close": ("check", _closed),
    "fail": ("again", _failed), "recur": ("again", _recurred), "progress": ("send", _told_progress),
    "merge": ("merge", _merged), "merged_in": ("merge", _merged_in),
    "unmerge": ("undo", _unmerged), "unmerged": ("undo", _gave_back),
    "split": ("split", _split), "split_off": ("split", _split_off),
}  # fmt: skip
RELEASE: dict[str, tuple[str, Sentence]] = {
    "create": ("plus", _release_created), "fill_gate": ("edit", _gate_filled),
    "see_people": ("eye", _people_seen), "publish": ("release", _released),
    "roll_back": ("undo", _rolled_back), "roll_out": ("people", _rolled_out),
    "leave_out": ("minus", _left_out), "roll_out_to_everybody": ("release", _to_everybody),
}  # fmt: skip


def demand_history(demand: Demand) -> list[Line]:
    """What happened to a demand, newest first. Three queries."""
    return _lines(list(history(Demand.SUBJECT, demand.pk)), DEMAND)


def release_history(release: Release) -> list[Line]:
    """What happened to a release, newest first."""
    return _lines(list(history(Release.SUBJECT, release.pk)), RELEASE)


def _lines(events: list[Event], book: Mapping[str, tuple[str, Sentence]]) -> list[Line]:
    names = _names_in(events)
    lines = []
    for event in reversed(events):
        # A release rolled back puts its demands back into development in the same breath.
        if event.verb not in book or (event.verb == "develop" and event.changes.get("release_id")):
            continue
        icon, sentence = book[event.verb]
        text = sentence(event, names.who(event.actor_id), names)
        words = str(_after(event, "decision_reason") or event.data.get("words") or "")
        lines.append(Line(event.occurred_at, icon, text, words))
    return lines


def _names_in(events: list[Event]) -> _Names:
    people = {event.actor_id for event in events if event.actor_id}
    people |= {event.data["person_id"] for event in events if event.data.get("person_id")}
    releases = {
        pk for event in events for pk in event.changes.get("release_id", ()) if pk is not None
    }
    return _Names(
        dict(User.objects.filter(pk__in=people).values_list("pk", "name")),
        dict(Release.objects.filter(pk__in=releases).values_list("pk", "name")) if releases else {},
    )
