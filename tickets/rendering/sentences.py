"""Events as sentences: what happened, in the words of whoever reads it.

Each sentence is one text with its names filled in, never assembled from pieces. Staff read every
event; requesters read those that concern them, without levels and contracts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.models import Event
from tickets.choices import DriverState, Level, Resolution, ReturnReason, Score
from tickets.rendering.acts import act_name
from tickets.rendering.links import link_said
from tickets.rendering.words import label_of, labels_of, value_said


@dataclass(frozen=True)
class Names:
    """Names of the people and teams that the events of one history mention."""

    people: Mapping[int, str] = field(default_factory=dict)
    teams: Mapping[int, str] = field(default_factory=dict)

    def person(self, pk: Any) -> str:
        return self.people.get(pk, _("The system")) if pk else _("The system")

    def team(self, pk: Any) -> str:
        return self.teams.get(pk, "")


Sentence = Callable[[Event, Names], str]


def _closing(event: Event, names: Names) -> str:
    return _("Without a word from the requester it closes after %(date)s; they were told") % {
        "date": value_said("closes_on", _after(event, "closes_on")),
    }  # fmt: skip


def _rated(event: Event, names: Names) -> str:
    score = event.data.get("score")
    said = str(Score(score).label) if score in Score.values else ""
    return _("%(who)s rated it: %(score)s") % {"who": _who(event, names), "score": said}


def _after(event: Event, column: str) -> Any:
    return event.changes.get(column, (None, None))[1]


def _who(event: Event, names: Names) -> str:
    rule = event.data.get("rule")
    if event.actor_id is None and isinstance(rule, Mapping):
        return _("Rule “%(name)s”") % {"name": rule.get("name", "")}
    return names.person(event.actor_id)


def _plain(template: Callable[[], str]) -> Sentence:
    """A sentence that says only who."""
    return lambda event, names: template() % {"who": _who(event, names)}


def _assigned(event: Event, names: Names) -> str:
    assignee = _after(event, "assignee_id")
    if assignee is None:
        return _("%(who)s gave it back to the queue") % {"who": _who(event, names)}
    values = {"who": _who(event, names), "person": names.person(assignee)}
    because = event.data.get("because")
    if isinstance(because, Mapping) and because.get("how") in _BECAUSE:
        capped, free = _BECAUSE[because["how"]]
        template = free() if because.get("cap") is None else capped()
        return template % {**values, "open": because.get("open"), "cap": because.get("cap")}
    return _("%(who)s assigned it to %(person)s") % values


#: Why a holder was chosen: with a cap, and without.
_BECAUSE: dict[str, tuple[Callable[[], str], Callable[[], str]]] = {
    "duty": (
        lambda: _("%(who)s assigned it to %(person)s: on duty, held %(open)s of %(cap)s open"),
        lambda: _("%(who)s assigned it to %(person)s: on duty, held %(open)s open"),
    ),
    "round_robin": (
        lambda: _("%(who)s assigned it to %(person)s: next in turn, held %(open)s of %(cap)s open"),
        lambda: _("%(who)s assigned it to %(person)s: next in turn, held %(open)s open"),
    ),
    "least_loaded": (
        lambda: _("%(who)s assigned it to %(person)s: held fewest, %(open)s of %(cap)s open"),
        lambda: _("%(who)s assigned it to %(person)s: held fewest, %(open)s open"),
    ),
}


def _transferred(event: Event, names: Names) -> str:
    return _("%(who)s transferred it to %(team)s") % {
        "who": _who(event, names), "team": names.team(_after(event, "team_id")),
    }  # fmt: skip


def _relayed(event: Event, names: Names) -> str:
    return _("%(who)s relayed it to %(team)s") % {
        "who": _who(event, names), "team": names.team(event.data.get("team_id")),
    }  # fmt: skip


def _level(event: Event) -> str:
    level = _after(event, "level")
    return f"L{level} {Level(level).label}" if level else ""


def _climbed(event: Event, names: Names) -> str:
    return _("%(who)s moved it up to %(level)s") % {
        "who": _who(event, names), "level": _level(event),
    }  # fmt: skip


def _pushed(event: Event, names: Names) -> str:
    if "level" in event.changes:
        return _("%(who)s moved it up to %(level)s with cause C-%(cause)s") % {
            "who": _who(event, names), "level": _level(event),
            "cause": _after(event, "cause_id") or event.data.get("cause_id") or "",
        }  # fmt: skip
    return _("%(who)s pushed the cause to an owner again") % {"who": _who(event, names)}


def _driven(event: Event, names: Names) -> str:
    return _("%(who)s moved it up to %(level)s, driven by %(driver)s") % {
        "who": _who(event, names), "level": _level(event),
        "driver": _after(event, "driver") or "",
    }  # fmt: skip


def _returned(event: Event, names: Names) -> str:
    values = {"who": _who(event, names), "reason": _reason(event), "level": _level(event)}
    if "level" not in event.changes:
        return _("%(who)s returned it: %(reason)s") % values
    return _("%(who)s returned it to %(level)s: %(reason)s") % values


def _reason(event: Event) -> str:
    code = str(event.data.get("code", ""))
    return str(ReturnReason(code).label) if code in ReturnReason.values else code


def _resolved(event: Event, names: Names) -> str:
    code = str(event.data.get("resolution", ""))
    said = str(Resolution(code).label) if code in Resolution.values else code
    return _("%(who)s resolved it: %(resolution)s") % {
        "who": _who(event, names), "resolution": said,
    }  # fmt: skip


def _edited(event: Event, names: Names) -> str:
    short = [c for c in event.changes if c not in _LONG]
    if (
        len(event.changes) == 1
        and short
        and (said := value_said(short[0], _after(event, short[0])))
    ):
        return _("%(who)s set %(field)s to “%(value)s”") % {
            "who": _who(event, names), "field": label_of(short[0]), "value": said,
        }  # fmt: skip
    return _("%(who)s changed %(fields)s") % {
        "who": _who(event, names), "fields": labels_of(event.changes),
    }  # fmt: skip


#: Never said as a value: personal texts stand in the event as a hash, the others need a query.
_LONG = frozenset({
    "title", "description", "suspected_cause", "evidence", "quote", "scenario", "custom",
    "product_id", "module_id", "suspected_module_id", "answer_page_id", "feature_id", "frequency",
})  # fmt: skip


def _promised(event: Event, names: Names) -> str:
    values = {
        "who": _who(event, names),
        "date": value_said("promised_on", _after(event, "promised_on")),
    }
    if not values["date"]:
        return _("%(who)s accepted it") % values
    return _("%(who)s promises it for %(date)s") % values


def _declined(event: Event, names: Names) -> str:
    return _("%(who)s declined the cause: %(reason)s") % {
        "who": _who(event, names), "reason": _reason(event),
    }  # fmt: skip


def _demand_moved(event: Event, names: Names) -> str:
    state = _after(event, "driver_state")
    values = {"driver": str(event.data.get("driver", "")), "who": _who(event, names)}
    if state == DriverState.RELEASED:
        return _("%(driver)s was released") % values
    if state == DriverState.VERIFIED:
        return _("%(driver)s was verified in production") % values
    if state == DriverState.DECLINED:
        return _("%(driver)s was declined") % values
    return _("%(driver)s was scheduled anew") % values


def _tagged(event: Event, names: Names) -> str:
    before, after = event.changes["tags"]
    put_on = pgettext("between items of a list", ", ").join(t for t in after if t not in before)
    taken_off = pgettext("between items of a list", ", ").join(t for t in before if t not in after)
    who = {"who": _who(event, names), "on": put_on, "off": taken_off}
    if not taken_off:
        return _("%(who)s put on the tag %(on)s") % who
    if not put_on:
        return _("%(who)s took off the tag %(off)s") % who
    return _("%(who)s put on the tag %(on)s and took off %(off)s") % who


def _told(event: Event, names: Names) -> str:
    people = [names.person(pk) for pk in event.data.get("user_ids", ())]
    return _("%(who)s told %(people)s") % {
        "who": _who(event, names),
        "people": pgettext("between items of a list", ", ").join(people),
    }  # fmt: skip


def _watched(event: Event, names: Names) -> str:
    return _("%(who)s added %(person)s as a watcher") % {
        "who": _who(event, names), "person": names.person(event.data.get("user_id")),
    }  # fmt: skip


def _ticked(event: Event, names: Names) -> str:
    return _("%(who)s ticked “%(step)s”") % {
        "who": names.person(event.actor_id), "step": event.data["step"],
    }  # fmt: skip


def _unticked(event: Event, names: Names) -> str:
    return _("%(who)s took back the tick of “%(step)s”") % {
        "who": names.person(event.actor_id), "step": event.data["step"],
    }  # fmt: skip


def _unwatched(event: Event, names: Names) -> str:
    return _("%(who)s removed %(person)s as a watcher") % {
        "who": _who(event, names), "person": names.person(event.data.get("user_id")),
    }  # fmt: skip


def _linked(event: Event, names: Names) -> str:
    cause = _after(event, "cause_id")
    if cause is None:
        return _("%(who)s took the cause off") % {"who": _who(event, names)}
    return _("%(who)s linked cause C-%(cause)s") % {"who": _who(event, names), "cause": cause}


def _merged_in(event: Event, names: Names) -> str:
    return _("%(who)s merged OPS-%(ticket)s into this") % {
        "who": _who(event, names), "ticket": event.data.get("ticket_id", ""),
    }  # fmt: skip


def _merged(event: Event, names: Names) -> str:
    return _("%(who)s merged this into OPS-%(ticket)s") % {
        "who": _who(event, names), "ticket": _after(event, "merged_into_id") or "",
    }  # fmt: skip


def _related(event: Event, names: Names) -> str:
    """A link made or taken off, read from the ticket this history is of."""
    data = event.data
    from_source = event.subject_id == data["source_id"]
    values = {
        "who": _who(event, names), "kind": link_said(data["kind"], from_source=from_source),
        "ref": f"OPS-{data['target_id' if from_source else 'source_id']}",
    }  # fmt: skip
    if event.verb.startswith("unlink"):
        return _("%(who)s took off the link “%(kind)s” %(ref)s") % values
    return _("%(who)s linked it: %(kind)s %(ref)s") % values


def _split(event: Event, names: Names) -> str:
    return _("%(who)s split off %(ref)s") % {
        "who": _who(event, names), "ref": f"OPS-{event.data['source_id']}",
    }  # fmt: skip


def _unmerged(event: Event, names: Names) -> str:
    return _("%(who)s took OPS-%(ticket)s out of this again") % {
        "who": _who(event, names), "ticket": event.data.get("ticket_id", ""),
    }  # fmt: skip


def _undone(event: Event, names: Names) -> str:
    return _("%(who)s undid “%(act)s”") % {
        "who": _who(event, names), "act": act_name(str(event.data.get("verb", ""))),
    }  # fmt: skip


def _clock(first: Callable[[], str], resolution: Callable[[], str]) -> Sentence:
    """A step of the clock of the first response, or of that of the resolution."""
    return lambda event, names: first() if event.data.get("clock") == "response" else resolution()


def _imported(event: Event, names: Names) -> str:
    return _("%(who)s changed %(fields)s in the log it was imported from") % {
        "who": _who(event, names), "fields": labels_of(event.changes),
    }  # fmt: skip


#: verb → icon and sentence. A verb that is missing here is said by what it changed.
STAFF: dict[str, tuple[str, Sentence]] = {
    "sla_warned": (
        "clock",
        _clock(
            lambda: _("The first response is due soon"),
            lambda: _("The resolution is due soon"),
        ),
    ),
    "sla_breached": (
        "alert",
        _clock(
            lambda: _("The first response is overdue"),
            lambda: _("The resolution is overdue"),
        ),
    ),
    "sla_escalated": (
        "alert",
        _clock(
            lambda: _("The overdue first response was brought before the manager"),
            lambda: _("The overdue resolution was brought before the manager"),
        ),
    ),
    "submit": ("plus", _plain(lambda: _("%(who)s submitted it"))),
    "claim": ("user", _plain(lambda: _("%(who)s claimed it"))),
    "assign": ("user", _assigned),
    "transfer": ("team", _transferred),
    "edit": ("edit", _edited),
    "relay": ("swap", _relayed),
    "return": ("down", _returned),
    "move_up": ("up", _climbed),
    "push": ("up", _pushed),
    "drive": ("up", _driven),
    "driver": ("demand", _demand_moved),
    "link_cause": ("link", _linked),
    "accept": ("calendar", _promised),
    "promise": ("calendar", _promised),
    "decline": ("down", _declined),
    "deliver": ("check", _plain(lambda: _("%(who)s delivered the cause"))),
    "resolve": ("st-resolved", _resolved),
    "confirm": ("check", _plain(lambda: _("%(who)s confirmed that it works"))),
    "auto_confirm": ("check", lambda event, names: _("Closed after working days of silence")),
    "announce_closing": ("clock", _closing),
    "rate": ("star", _rated),
    "reopen": ("again", _plain(lambda: _("%(who)s reopened it"))),
    "withdraw": ("x", _plain(lambda: _("%(who)s withdrew it"))),
    "reject": ("x", _plain(lambda: _("%(who)s rejected it"))),
    "merge": ("merge", _merged),
    "merged_in": ("merge", _merged_in),
    "restore": ("undo", _plain(lambda: _("%(who)s restored it"))),
    "unmerged": ("undo", _unmerged),
    "link": ("link", _related),
    "linked": ("link", _related),
    "unlink": ("link", _related),
    "unlinked": ("link", _related),
    "split": ("swap", _split),
    "undo": ("undo", _undone),
    "tag": ("tag", _tagged),
    "tell": ("bell", _told),
    "tick": ("check", _ticked),
    "untick": ("undo", _unticked),
    "watch": ("eye", _watched),
    "unwatch": ("eye", _unwatched),
}
#: What a requester reads: without levels, contracts and internal codes.
REQUESTER: dict[str, tuple[str, Sentence]] = {
    **{
        verb: STAFF[verb]
        for verb in (
            "submit", "relay", "transfer", "accept", "promise", "confirm", "auto_confirm",
            "announce_closing", "rate",
            "reopen", "withdraw", "reject", "merge", "merged_in", "unmerged", "split",
            "restore", "driver",
        )
    },
    "undo": ("undo", lambda event, names: (
        _("%(who)s took a change back") % {"who": _who(event, names)}
        if "status" in event.changes else ""
    )),
    "claim": ("user", _plain(lambda: _("%(who)s takes care of it"))),
    "assign": ("user", lambda event, names: (
        _("%(person)s takes care of it") % {"person": names.person(_after(event, "assignee_id"))}
        if _after(event, "assignee_id") else _("Nobody holds it for the moment")
    )),
    "push": ("swap", _plain(lambda: _("%(who)s handed the cause to its owner"))),
    "drive": ("demand", _plain(lambda: _("%(who)s made it part of a demand"))),
    "deliver": ("check", _plain(lambda: _("%(who)s removed the cause; it is being checked"))),
    "resolve": ("st-resolved", _plain(lambda: _("%(who)s says that it works now"))),
}  # fmt: skip
#: Their words stand in the conversation as messages.
MESSAGES = frozenset({"comment", "note", "ask"})


def _cause_pushed(event: Event, names: Names) -> str:
    if "owner_id" not in event.changes:
        return _("%(who)s pushed it to the same owner again") % {"who": _who(event, names)}
    return _("%(who)s pushed it to %(person)s") % {
        "who": _who(event, names), "person": names.person(_after(event, "owner_id")),
    }  # fmt: skip


def _known(event: Event, names: Names) -> str:
    shown = _after(event, "is_known_issue")
    values = {"who": _who(event, names)}
    if shown is True:
        return _("%(who)s declared it a known issue") % values
    if shown is False:
        return _("%(who)s took it off the known issues") % values
    return _("%(who)s changed the workaround") % values


CAUSE: dict[str, tuple[str, Sentence]] = {
    "open": ("plus", _plain(lambda: _("%(who)s opened the cause"))),
    "push": ("up", _cause_pushed),
    "name_owner": ("flag", lambda event, names: (
        _("%(who)s named %(person)s as the owner") % {
            "who": _who(event, names), "person": names.person(_after(event, "owner_id")),
        } if _after(event, "owner_id") else
        _("%(who)s named the present owner again") % {"who": _who(event, names)}
    )),
    "describe": ("edit", _edited),
    "remind": ("clock", lambda event, names: {
        "silent": _("The owner was reminded: no answer yet"),
        "due_soon": _("The owner was reminded: the date comes near"),
        "overdue": _("The owner was reminded: the date is over"),
    }.get(str(event.data.get("kind")), "")),
    "accept": ("calendar", _promised),
    "slip": ("calendar", lambda event, names: _("%(who)s moved the date back to %(date)s") % {
        "who": _who(event, names), "date": value_said("promised_on", _after(event, "promised_on")),
    }),
    "bring_forward": ("calendar", _promised),
    "decline": ("down", _declined),
    "deliver": ("check", _plain(lambda: _("%(who)s delivered the cause"))),
    "chase": ("bell", _plain(lambda: _("%(who)s asked the owner for word"))),
    "known_issue": ("alert", _known),
}  # fmt: skip


def said(event: Event, names: Names, book: Mapping[str, tuple[str, Sentence]]) -> tuple[str, str]:
    """Icon and sentence of an event; ("", "") where this reader is told nothing."""
    entry = book.get(event.verb)
    if entry is not None:
        icon, sentence = entry
        words = sentence(event, names)
        if event.data.get("by") == "link":
            words = _("%(what)s, by the link in their message") % {"what": words}
        return icon, words
    if book is REQUESTER or not event.changes:
        return "", ""
    return "edit", (_imported if event.imported else _edited)(event, names)
