"""Acts in the reader's words: what a rule, a macro or a bulk run will do, one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from accounts.models import User
from core.text import excerpt
from tickets.models import Cause
from tickets.rendering.words import label_of, value_said

#: The name of each verb where one is chosen.
ACT_NAMES: dict[str, Any] = {
    "claim": gettext_lazy("Claim"),
    "assign": gettext_lazy("Assign"),
    "transfer": gettext_lazy("Transfer"),
    "edit": gettext_lazy("Classify"),
    "reply": gettext_lazy("Reply"),
    "note": gettext_lazy("Internal note"),
    "ask": gettext_lazy("Ask the requester"),
    "relay": gettext_lazy("Relay to another team"),
    "move_up": gettext_lazy("Move up"),
    "return": gettext_lazy("Return to a lower level"),
    "link_cause": gettext_lazy("Link a cause"),
    "push": gettext_lazy("Move up: L3 Push"),
    "resolve": pgettext_lazy("verb", "Resolve"),
    "reopen": gettext_lazy("Reopen"),
    "reject": gettext_lazy("Reject"),
    "merge": gettext_lazy("Merge"),
    "restore": gettext_lazy("Restore"),
    "add_tag": gettext_lazy("Add a tag"),
    "remove_tag": gettext_lazy("Remove a tag"),
    "watch": gettext_lazy("Add a watcher"),
    "unwatch": gettext_lazy("Remove a watcher"),
    "assign_by": gettext_lazy("Assign within the team"),
    "tell": gettext_lazy("Tell somebody"),
}
#: Of acts that no rule or bulk run does, for the history.
_OTHER_NAMES: dict[str, Any] = {
    "comment": gettext_lazy("Reply"), "tag": gettext_lazy("Tags"),
    "confirm": gettext_lazy("It works"), "withdraw": gettext_lazy("Withdraw"),
}  # fmt: skip
Params = Mapping[str, Any]


def act_name(verb: str) -> str:
    """What the verb is called in a list of acts."""
    return str(ACT_NAMES.get(verb) or _OTHER_NAMES.get(verb, verb))


def act_said(verb: str, params: Params) -> str:
    """One act in words: “Assign to 周敏”. A row that is gone is shown by its key."""
    said = _SAID.get(verb)
    return said(params) if said is not None else act_name(verb)


def _person(value: Any) -> str:
    if value == "me":
        return _("whoever acts")
    if value is None:
        return _("nobody")
    return str(User.objects.filter(pk=value).first() or value)


def _team(value: Any) -> str:
    return value_said("team", value)


def _level(value: Any) -> str:
    return value_said("level", value)


def _cause(value: Any) -> str:
    cause = Cause.objects.filter(pk=value).first()
    return f"{cause.ref} {cause.title}" if cause is not None else f"C-{value}"


def _transfer(params: Params) -> str:
    if params.get("assignee") is None:
        return _("Transfer to %(team)s") % {"team": _team(params["team"])}
    return _("Transfer to %(team)s, %(who)s") % {
        "team": _team(params["team"]), "who": _person(params["assignee"])
    }  # fmt: skip


def _edit(params: Params) -> str:
    parts = [
        _("%(field)s = %(value)s")
        % {"field": label_of(name), "value": _field_value(name, value) or "—"}
        for name, value in params.items()
    ]
    return _("Set %(fields)s") % {"fields": pgettext("between items of a list", ", ").join(parts)}


def _field_value(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return pgettext("between items of a list", ", ").join(f"{k}: {v}" for k, v in value.items())
    return value_said(name, value)


def _words(template: Any, name: str) -> Callable[[Params], str]:
    return lambda params: str(template) % {"words": excerpt(str(params[name]), 60)}


def _link_cause(params: Params) -> str:
    if params["cause"] is None:
        return _("Link no cause")
    return _("Link to %(cause)s") % {"cause": _cause(params["cause"])}


def _resolve(params: Params) -> str:
    code = value_said("resolution", params["resolution"])
    if not params.get("reply"):
        return _("Resolve: %(code)s") % {"code": code}
    return _("Resolve: %(code)s, and reply “%(words)s”") % {
        "code": code, "words": excerpt(str(params["reply"]), 60)
    }  # fmt: skip


def _return(params: Params) -> str:
    return _("Return to %(level)s: %(words)s") % {
        "level": _level(params["level"]), "words": excerpt(str(params["note"]), 60)
    }  # fmt: skip


def _tell(params: Params) -> str:
    words = excerpt(str(params["words"]), 60)
    if params.get("user") is not None:
        return _("Tell %(who)s: “%(words)s”") % {"who": _person(params["user"]), "words": words}
    if params.get("team") is not None:
        return _("Tell the members of %(team)s: “%(words)s”") % {
            "team": _team(params["team"]), "words": words
        }  # fmt: skip
    return _("Tell the holder, else the team: “%(words)s”") % {"words": words}


_ASSIGN_BY: dict[str, Callable[[], str]] = {
    "none": lambda: _("Assign as the team does"),
    "duty": lambda: _("Assign to the person on duty"),
    "round_robin": lambda: _("Assign in turn within the team"),
    "least_loaded": lambda: _("Assign to whoever in the team holds the fewest"),
}

_SAID: dict[str, Callable[[Params], str]] = {
    "assign": lambda p: _("Assign to %(who)s") % {"who": _person(p["assignee"])},
    "transfer": _transfer,
    "edit": _edit,
    "reply": _words(gettext_lazy("Reply “%(words)s”"), "body"),
    "note": _words(gettext_lazy("Note “%(words)s”"), "body"),
    "ask": _words(gettext_lazy("Ask “%(words)s”"), "question"),
    "relay": lambda p: _("Relay to %(team)s") % {"team": value_said("relayed_to", p["team"])},
    "move_up": lambda p: _("Move up to %(level)s") % {"level": _level(p["level"])},
    "return": _return,
    "link_cause": _link_cause,
    "push": lambda p: _("Push with %(cause)s") % {"cause": _cause(p["cause"])},
    "resolve": _resolve,
    "reopen": _words(gettext_lazy("Reopen: “%(words)s”"), "reason"),
    "reject": _words(gettext_lazy("Reject: “%(words)s”"), "reason"),
    "merge": lambda p: _("Merge into %(ref)s") % {"ref": f"OPS-{p['into']}"},
    "add_tag": lambda p: _("Add the tag “%(tag)s”") % {"tag": p["tag"]},
    "remove_tag": lambda p: _("Remove the tag “%(tag)s”") % {"tag": p["tag"]},
    "watch": lambda p: _("Add %(who)s as a watcher") % {"who": _person(p["user"])},
    "assign_by": lambda p: _ASSIGN_BY[p["method"]](),
    "tell": _tell,
    "unwatch": lambda p: _("Remove %(who)s as a watcher") % {"who": _person(p["user"])},
}
