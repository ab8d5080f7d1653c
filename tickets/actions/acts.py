"""Acts as data: what a rule, a macro or a bulk run does to a ticket, each through its one action.

An act is a verb with parameters that JSON can hold: texts, numbers, yes or no, and rows by their
key. `ACTS` names the parameters of each verb; `check_act` refuses what could never be carried
out, `carry_out` calls the single action of the verb. Refusals about the ticket itself (its
status, its contract, the person's role) come from that action, as everywhere.

A new act is one entry of `ACTS`, its words in `tickets.rendering.acts`, and its undo.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.choices import AssignmentMethod
from catalog.models import Feature, Module, Product, Team
from core.changes import TEXT_MAX
from core.errors import BadInput, NotAllowed, Problem
from docs_portal.models import Page
from tickets.actions.assigning import assign_by
from tickets.actions.causes import link_cause, push_ticket
from tickets.actions.conversing import (
    add_comment,
    add_watcher,
    ask_requester,
    remove_watcher,
)
from tickets.actions.ending import (
    merge_ticket,
    reject_ticket,
    reopen_ticket,
    resolve_ticket,
    restore_ticket,
)
from tickets.actions.holding import assign_ticket, claim_ticket, transfer_ticket
from tickets.actions.moving import move_up, relay_ticket, return_ticket
from tickets.actions.submitting import edit_ticket
from tickets.actions.tagging import TAG_MAX, tag_ticket
from tickets.actions.telling import tell_people
from tickets.choices import (
    CauseCategory,
    CommentKind,
    Impact,
    Level,
    Resolution,
    ReturnReason,
    Type,
    Urgency,
)
from tickets.models import Cause, Ticket

#: Stands for the acting person where a person is named.
ME = "me"
#: The largest key the database holds.
_MAX_KEY = 2**63 - 1


@dataclass(frozen=True)
class Act:
    """One act: a verb of `ACTS` and its parameters as plain JSON values."""

    verb: str
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def as_json(self) -> dict[str, Any]:
        return {"verb": self.verb, "params": dict(self.params)}

    @classmethod
    def from_json(cls, value: Any) -> Act:
        """The act a JSON value describes. Raises BadInput when it has another form."""
        if not isinstance(value, Mapping) or not isinstance(value.get("verb"), str):
            raise BadInput(
                Problem("verb", _("This is no act."), _("Give a verb and its parameters."))
            )
        params = value.get("params", {})
        if not isinstance(params, Mapping) or set(value) - {"verb", "params"}:
            raise BadInput(
                Problem("params", _("This is no act."), _("Give a verb and its parameters."))
            )
        return cls(value["verb"], dict(params))


class Kind(Protocol):
    """What a parameter holds: `wrong` says what is wrong with a value, `load` reads it."""

    def wrong(self, value: Any) -> tuple[Any, Any] | None: ...

    def load(self, value: Any, user: User | None) -> Any: ...


@dataclass(frozen=True)
class Words:
    """A text of at most `maximum` characters."""

    maximum: int = TEXT_MAX

    def wrong(self, value: Any) -> tuple[Any, Any] | None:
        if not isinstance(value, str) or not value.strip():
            return _("This text is missing."), _("Write a few words.")
        if len(value) > self.maximum:
            return _("This text is too long."), _(
                "Shorten it; the limit is %(limit)s characters."
            ) % {"limit": self.maximum}
        return None

    def load(self, value: Any, user: User | None) -> Any:
        return value


@dataclass(frozen=True)
class OneOf:
    """A value out of a list of choices."""

    choices: type[models.TextChoices | models.IntegerChoices]

    def wrong(self, value: Any) -> tuple[Any, Any] | None:
        if isinstance(value, bool) or value not in self.choices.values:
            accepted = ", ".join(str(choice) for choice in self.choices.values)
            return _("This value is not one of the choices."), accepted
        return None

    def load(self, value: Any, user: User | None) -> Any:
        return value


@dataclass(frozen=True)
class YesOrNo:
    def wrong(self, value: Any) -> tuple[Any, Any] | None:
        if not isinstance(value, bool):
            return _("This value is not one of the choices."), "true, false"
        return None

    def load(self, value: Any, user: User | None) -> Any:
        return value


@dataclass(frozen=True)
class Fields:
    """Custom fields by key; what is not named keeps its value."""

    def wrong(self, value: Any) -> tuple[Any, Any] | None:
        if not isinstance(value, Mapping):
            return _("This value is not one of the choices."), "{…}"
        return None

    def load(self, value: Any, user: User | None) -> Any:
        return dict(value)


@dataclass(frozen=True)
class RowOf:
    """A row by its key, out of those that `rows` gives the acting person (None: the system)."""

    rows: Callable[[User | None], models.QuerySet[Any]]

    def wrong(self, value: Any) -> tuple[Any, Any] | None:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _MAX_KEY:
            return _("This is no key of a row."), _("Give its number.")
        return None

    def load(self, value: Any, user: User | None) -> Any:
        return self.rows(user).filter(pk=value).first()


@dataclass(frozen=True)
class Person(RowOf):
    """A person by key, or `me` for whoever acts."""

    def wrong(self, value: Any) -> tuple[Any, Any] | None:
        return None if value == ME else super().wrong(value)

    def load(self, value: Any, user: User | None) -> Any:
        return user if value == ME else super().load(value, user)


@dataclass(frozen=True)
class Param:
    """One parameter: what it holds, whether it must be there, whether it may be null."""

    kind: Kind
    required: bool = True
    nullable: bool = False


#: (ticket, loaded parameters, who, when, version seen) → the ticket after it.
Runner = Callable[[Ticket, dict[str, Any], Any, dt.datetime, int | None], Ticket]


@dataclass(frozen=True)
class ActKind:
    """A verb's parameters and the action it is.

    `by_system`: it may be carried out without a person (`acting_user` None), by a rule.
    `some`: at least one of its parameters must be there.
    """

    params: Mapping[str, Param]
    run: Runner
    by_system: bool = False
    some: bool = False


def _simple(action: Callable[..., Ticket], **names: str) -> Runner:
    """`action(ticket, argument=…)`; `names` maps the action's arguments to parameters."""

    def run(
        ticket: Ticket, given: dict[str, Any], user: Any, now: dt.datetime, seen: int | None
    ) -> Ticket:
        arguments = {argument: given[name] for argument, name in names.items() if name in given}
        return action(ticket, **arguments, acting_user=user, now=now, seen_version=seen)

    return run


def _edit(
    ticket: Ticket, given: dict[str, Any], user: Any, now: dt.datetime, seen: int | None
) -> Ticket:
    if "custom" in given:
        given = {**given, "custom": {**ticket.custom, **given["custom"]}}
    return edit_ticket(ticket, given, acting_user=user, now=now, seen_version=seen)


def _comment(kind: str) -> Runner:
    def run(
        ticket: Ticket, given: dict[str, Any], user: Any, now: dt.datetime, seen: int | None
    ) -> Ticket:
        comment = add_comment(ticket, given["body"], kind=kind, acting_user=user, now=now)
        return comment.ticket

    return run


def _resolve(
    ticket: Ticket, given: dict[str, Any], user: Any, now: dt.datetime, seen: int | None
) -> Ticket:
    """An answer given with the resolution is a public reply first; both or neither."""
    if words := given.get("reply"):
        before = ticket.version
        ticket = add_comment(ticket, words, acting_user=user, now=now).ticket
        if seen == before:
            seen = ticket.version  # our own reply is no change by somebody else
    return resolve_ticket(ticket, given["resolution"], acting_user=user, now=now, seen_version=seen)


def _tag(way: str) -> Runner:
    def run(
        ticket: Ticket, given: dict[str, Any], user: Any, now: dt.datetime, seen: int | None
    ) -> Ticket:
        names: dict[str, Any] = {way: [given["tag"]]}
        return tag_ticket(ticket, **names, acting_user=user, now=now)

    return run


def _watch(
    ticket: Ticket, given: dict[str, Any], user: Any, now: dt.datetime, seen: int | None
) -> Ticket:
    return add_watcher(ticket, given["user"], acting_user=user, now=now).ticket


def _unwatch(
    ticket: Ticket, given: dict[str, Any], user: Any, now: dt.datetime, seen: int | None
) -> Ticket:
    remove_watcher(ticket, given["user"], acting_user=user, now=now)
    return Ticket.objects.get(pk=ticket.pk)


def _assign_by(
    ticket: Ticket, given: dict[str, Any], user: Any, now: dt.datetime, seen: int | None
) -> Ticket:
    return assign_by(ticket, given["method"], acting_user=user, now=now)


def _causes(user: User | None) -> models.QuerySet[Cause]:
    return Cause.objects.all() if user is None else Cause.objects.visible_to(user)


def _tickets(user: User | None) -> models.QuerySet[Ticket]:
    return Ticket.objects.all() if user is None else Ticket.objects.visible_to(user)


def _optional(kind: Kind, *, nullable: bool = False) -> Param:
    return Param(kind, required=False, nullable=nullable)


_PERSON = Person(lambda user: User.objects.working_here())
_TEAM = RowOf(lambda user: Team.objects.filter(is_active=True))
_MODULE = RowOf(lambda user: Module.objects.filter(is_active=True))
_CAUSE = RowOf(_causes)

ACTS: dict[str, ActKind] = {
    "claim": ActKind({}, _simple(claim_ticket)),
    "assign": ActKind(
        {"assignee": Param(_PERSON, nullable=True)},
        _simple(assign_ticket, assignee="assignee"), by_system=True,
    ),
    "transfer": ActKind(
        {"team": Param(_TEAM), "assignee": _optional(_PERSON, nullable=True)},
        _simple(transfer_ticket, team="team", assignee="assignee"), by_system=True,
    ),
    "edit": ActKind(
        {
            "type": _optional(OneOf(Type)),
            "product": _optional(RowOf(lambda user: Product.objects.filter(is_active=True))),
            "module": _optional(_MODULE, nullable=True),
            "module_not_sure": _optional(YesOrNo()),
            "feature": _optional(RowOf(lambda user: Feature.objects.all()), nullable=True),
            "impact": _optional(OneOf(Impact)),
            "urgency": _optional(OneOf(Urgency)),
            "confidential": _optional(YesOrNo()),
            "answer_page": _optional(RowOf(lambda user: Page.objects.published())),
            "answer_gap": _optional(YesOrNo()),
            "suspected_module": _optional(_MODULE, nullable=True),
            "suspected_category": _optional(OneOf(CauseCategory)),
            "suspected_cause": _optional(Words()),
            "evidence": _optional(Words()),
            "custom": _optional(Fields()),
        },
        _edit, by_system=True, some=True,
    ),
    "reply": ActKind({"body": Param(Words())}, _comment(CommentKind.PUBLIC), by_system=True),
    "note": ActKind({"body": Param(Words())}, _comment(CommentKind.NOTE), by_system=True),
    "ask": ActKind(
        {"question": Param(Words())}, _simple(ask_requester, question="question"), by_system=True
    ),
    "relay": ActKind(
        {"team": Param(_TEAM), "note": _optional(Words(2000))},
        _simple(relay_ticket, team="team", note="note"),
    ),
    "move_up": ActKind({"level": Param(OneOf(Level))}, _simple(move_up, to_level="level")),
    "return": ActKind(
        {
            "level": Param(OneOf(Level)),
            "reason": Param(OneOf(ReturnReason)),
            "note": Param(Words(2000)),
        },
        _simple(return_ticket, to_level="level", reason="reason", note="note"),
    ),
    "link_cause": ActKind(
        {"cause": Param(_CAUSE, nullable=True)}, _simple(link_cause, cause="cause"), by_system=True
    ),
    "push": ActKind({"cause": Param(_CAUSE)}, _simple(push_ticket, cause="cause")),
    "resolve": ActKind(
        {"resolution": Param(OneOf(Resolution)), "reply": _optional(Words())},
        _resolve, by_system=True,
    ),
    "reopen": ActKind(
        {"reason": Param(Words(4000))}, _simple(reopen_ticket, reason="reason"), by_system=True
    ),
    "reject": ActKind(
        {"reason": Param(Words(2000))}, _simple(reject_ticket, reason="reason"), by_system=True
    ),
    "merge": ActKind({"into": Param(RowOf(_tickets))}, _simple(merge_ticket, into="into")),
    "restore": ActKind({}, _simple(restore_ticket)),
    "add_tag": ActKind({"tag": Param(Words(TAG_MAX))}, _tag("add"), by_system=True),
    "remove_tag": ActKind({"tag": Param(Words(TAG_MAX))}, _tag("remove"), by_system=True),
    "watch": ActKind({"user": Param(_PERSON)}, _watch, by_system=True),
    "unwatch": ActKind({"user": Param(_PERSON)}, _unwatch),
    "assign_by": ActKind(
        {"method": Param(OneOf(AssignmentMethod))}, _assign_by, by_system=True
    ),
    "tell": ActKind(
        {
            "user": _optional(_PERSON, nullable=True),
            "team": _optional(_TEAM, nullable=True),
            "words": Param(Words(500)),
        },
        _simple(tell_people, user="user", team="team", words="words"), by_system=True,
    ),
}  # fmt: skip


def check_act(act: Act, *, acting_user: User | None) -> None:
    """Refuse an act that could be carried out on no ticket at all.

    `acting_user` None is the system. Raises BadInput naming each parameter, its value and what
    would be accepted; NotAllowed for an act that needs a person.
    """
    _loaded(act, acting_user)


def carry_out(
    ticket: Ticket,
    act: Act,
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Ticket:
    """Do `act` to `ticket` through the verb's single action; the ticket after it.

    One transaction. Raises what `check_act` raises and whatever the action refuses.
    """
    given = _loaded(act, acting_user)
    with transaction.atomic():
        return ACTS[act.verb].run(ticket, given, acting_user, now, seen_version)


def carry_out_all(
    ticket: Ticket, acts: Iterable[Act], *, acting_user: User | None, now: dt.datetime
) -> Ticket:
    """Several acts in their order, all or none; each sees the ticket as the one before left it."""
    with transaction.atomic():
        for act in acts:
            ticket = carry_out(ticket, act, acting_user=acting_user, now=now)
    return ticket


def _loaded(act: Act, user: User | None) -> dict[str, Any]:
    """The parameters with rows for keys. Raises BadInput, NotAllowed."""
    kind = ACTS.get(act.verb)
    if kind is None:
        raise BadInput(
            Problem("verb", _("There is no such act."), ", ".join(sorted(ACTS)), act.verb)
        )
    if user is None and not kind.by_system:
        raise NotAllowed(
            Problem("verb", _("This act needs a person."), _("Choose another act."), act.verb)
        )
    problems = [*_missing(act, kind), *_unknown(act, kind)]
    given: dict[str, Any] = {}
    for name, param in kind.params.items():
        if name not in act.params:
            continue
        value = act.params[name]
        if value is None and param.nullable:
            given[name] = None
            continue
        wrong = param.kind.wrong(value)
        if wrong is None:
            given[name] = param.kind.load(value, user)
            if given[name] is None:
                wrong = _("There is no such row, or you may not see it."), _("Choose another one.")
        if wrong is not None:
            problems.append(Problem(name, wrong[0], wrong[1], "" if value is None else str(value)))
    if problems:
        raise BadInput(*problems)
    return given


def _missing(act: Act, kind: ActKind) -> list[Problem]:
    if kind.some and not act.params:
        return [Problem("params", _("Nothing is set."), ", ".join(kind.params))]
    return [
        Problem(name, _("This parameter is missing."), _("Give a value."))
        for name, param in kind.params.items()
        if param.required and name not in act.params
    ]


def _unknown(act: Act, kind: ActKind) -> list[Problem]:
    return [
        Problem(
            str(name), _("This act takes no such parameter."), ", ".join(kind.params) or "—",
            str(act.params[name]),
        )
        for name in act.params
        if name not in kind.params
    ]  # fmt: skip
