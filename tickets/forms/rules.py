"""The builder of a rule: what was typed, the fields it still asks for, and what is wrong where.

Rows are added and taken away by buttons of the form itself, so it works by keyboard and without
scripts; choosing a field or an act asks for the form again with what that choice needs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from core.errors import Problem, Refused
from tickets.actions.acts import ACTS, ActKind, OneOf, Person, RowOf, Words, YesOrNo
from tickets.actions.rules import ACTS_MAX, RuleDraft
from tickets.choices import Level, Status, Trigger
from tickets.models import HOURLY_CAP, Rule
from tickets.policies.triggers import ASKS, WATCHED
from tickets.rendering.acts import act_name
from tickets.rendering.words import label_of
from tickets.search.conditions import CONDITIONS_MAX
from tickets.search.filters import ALONE, GROUPS, OPERATORS, Asking, Condition, fields

#: Acts a rule is offered: those that make sense for any ticket and need no person.
OFFERED = (
    "assign", "assign_by", "transfer", "edit", "add_tag", "remove_tag", "reply", "note", "ask",
    "tell", "watch", "resolve", "reject",
)  # fmt: skip
#: Of classifying, what a rule may set.
_EDITS = ("type", "module", "impact", "urgency", "confidential", "suspected_category")
_LONG = frozenset({"body", "question", "words", "reason", "reply"})
_ROW = re.compile(r"^(if|then)_(\d{1,2})_(\w+)$")
_SEVERAL = frozenset({"any", "none", "all"})
#: What people type for a number with no meaning larger than this.
_DIGITS = 6
Choices = Sequence[tuple[str, Any]]


@dataclass(frozen=True)
class Input:
    """One control of the builder. `kind`: select, checks, text, area, number, hidden."""

    name: str
    label: str
    kind: str
    value: str = ""
    values: tuple[str, ...] = ()
    choices: Choices = ()
    problem: str = ""
    refreshes: bool = False
    suggest: str = ""


@dataclass(frozen=True)
class Row:
    """A condition or an act with its controls, and what is wrong with it as a whole."""

    place: int
    inputs: tuple[Input, ...]
    problem: str = ""


@dataclass
class Builder:
    """A rule as it is being typed."""

    user: User
    asking: Asking
    values: dict[str, str]
    conditions: list[dict[str, str]]
    acts: list[dict[str, str]]
    problems: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_rule(cls, rule: Rule | None, user: User, asking: Asking) -> Builder:
        """As a rule stands, or empty with one act to fill."""
        if rule is None:
            return cls(user, asking, {"trigger": Trigger.SUBMITTED, "hourly_cap": str(HOURLY_CAP)},
                       [], [{"verb": ""}])  # fmt: skip
        values = {"name": rule.name, "hourly_cap": str(rule.hourly_cap)}
        values |= {
            ("trigger" if name == "kind" else f"trigger_{name}"): str(value)
            for name, value in rule.trigger.items()
        }
        conditions = []
        for text in rule.conditions:
            read = Condition.of(text)
            conditions.append(
                {"field": read.field, "op": read.operator, "value": ",".join(read.values)}
            )
        return cls(user, asking, values, conditions, [_typed_act(act) for act in rule.acts])

    @classmethod
    def of_post(cls, sent: QueryDict, user: User, asking: Asking) -> Builder:
        """As it was sent; rows in the order of their numbers."""
        rows: dict[str, dict[int, dict[str, str]]] = {"if": {}, "then": {}}
        values: dict[str, str] = {}
        for name in sent:
            text = ",".join(part for part in sent.getlist(name) if part).replace("\x00", "")
            found = _ROW.match(name)
            if found is None:
                values[name] = text
                continue
            part, place, key = found[1], int(found[2]), found[3]
            rows[part].setdefault(place, {})[key] = text
        conditions = [rows["if"][place] for place in sorted(rows["if"])][:CONDITIONS_MAX]
        acts = [rows["then"][place] for place in sorted(rows["then"])][:ACTS_MAX]
        return cls(user, asking, values, conditions, acts)

    def step(self, name: str) -> bool:
        """Do what a button of the form asks for (add or take away a row); False if it is none."""
        word, _mark, place = name.partition(":")
        at = int(place) if place.isdecimal() and len(place) < 3 else -1
        if word == "refresh":
            return True
        if word == "add_if" and len(self.conditions) < CONDITIONS_MAX:
            self.conditions.append({"field": "product", "op": "", "value": ""})
            return True
        if word == "add_then" and len(self.acts) < ACTS_MAX:
            self.acts.append({"verb": ""})
            return True
        for known, rows in (("drop_if", self.conditions), ("drop_then", self.acts)):
            if word == known:
                if 0 <= at < len(rows):
                    del rows[at]
                return True
        return word in ("add_if", "add_then")

    def draft(self) -> RuleDraft:
        """What the action checks; a control that was left empty is left out."""
        kind = self.values.get("trigger", "")
        trigger: dict[str, Any] = {"kind": kind}
        for name in ASKS.get(kind, {}):
            typed = self.values.get(f"trigger_{name}", "")
            trigger[name] = _number(typed) if name in ("hours", "level") else typed
        cap = _number(self.values.get("hourly_cap", ""))
        return RuleDraft(
            name=self.values.get("name", ""),
            trigger=trigger,
            conditions=[str(_condition(row)) for row in self.conditions],
            acts=[_act(row) for row in self.acts],
            hourly_cap=cap if isinstance(cap, int) else 0,
        )

    def show_refusal(self, refusal: Refused) -> None:
        """Put each problem beside the control it names, or above the form."""
        for problem in refusal.problems:
            name = _home(problem, self)
            self.problems[name] = " ".join(filter(None, (self.problems.get(name), problem.said)))

    # ---- what the page draws -------------------------------------------------------------------

    @property
    def top(self) -> str:
        return self.problems.get("", "")

    def name_input(self) -> Input:
        return self._input("name", _("Name"), "text", self.values.get("name", ""))

    def cap_input(self) -> Input:
        said = _("Times an hour on one ticket, at most")
        return self._input("hourly_cap", said, "number", self.values.get("hourly_cap", ""))

    def trigger_inputs(self) -> list[Input]:
        kind = self.values.get("trigger", "")
        found = [
            self._input("trigger", _("Occasion"), "select", kind,
                        choices=Trigger.choices, refreshes=True)
        ]  # fmt: skip
        for name in ASKS.get(kind, {}):
            full = f"trigger_{name}"
            choices: dict[str, Choices] = {
                "field": [(key, label_of(key)) for key in WATCHED],
                "status": Status.choices,
                "level": [(str(lv.value), f"L{lv.value} {lv.label}") for lv in Level],
            }
            labels = {
                "field": _("Field"), "status": _("Status"), "level": _("Level"),
                "hours": _("Working hours"),
            }  # fmt: skip
            found.append(
                self._input(
                    full, labels[name], "number" if name == "hours" else "select",
                    self.values.get(full, ""), choices=choices.get(name, ()),
                )
            )  # fmt: skip
        return found

    def if_rows(self) -> list[Row]:
        return [self._if_row(place, row) for place, row in enumerate(self.conditions)]

    def _if_row(self, place: int, row: Mapping[str, str]) -> Row:
        known = fields()
        asked = known.get(row.get("field", "")) or known["product"]
        operators = asked.kind.operators
        op = row.get("op", "")
        op = op if op in operators else operators[0]
        name = f"if_{place}"
        inputs = [
            self._input(f"{name}_field", _("Field"), "select", asked.key, refreshes=True, choices=[
                (key, f"{GROUPS[one.group]} · {one.label}") for key, one in known.items()
            ]),
            self._input(f"{name}_op", _("Comparison"), "select", op, refreshes=True,
                        choices=[(key, OPERATORS[key]) for key in operators]),
        ]  # fmt: skip
        if op not in ALONE:
            inputs.append(self._value_input(f"{name}_value", asked.kind, op, row.get("value", "")))
        return Row(place, tuple(inputs), self.problems.get(name, ""))

    def _value_input(self, name: str, kind: Any, op: str, value: str) -> Input:
        choices, label = kind.choices(self.asking), pgettext("of a condition", "Value")
        if kind.widget == "choice":
            if op in _SEVERAL:
                chosen = tuple(value.split(",")) if value else ()
                return self._input(
                    name,
                    pgettext("of a condition", "Value"),
                    "checks",
                    values=chosen,
                    choices=choices,
                )
            first = value.split(",", maxsplit=1)[0]
            return self._input(
                name,
                pgettext("of a condition", "Value"),
                "select",
                first,
                choices=[("", "—"), *choices],
            )
        suggest = {"person": "rule-people", "date": "rule-days"}.get(kind.widget, "")
        shown = "number" if kind.widget == "number" else "text"
        return self._input(name, label, shown, value, suggest=suggest)

    def then_rows(self) -> list[Row]:
        return [self._then_row(place, row) for place, row in enumerate(self.acts)]

    def _then_row(self, place: int, row: Mapping[str, str]) -> Row:
        verb, name = row.get("verb", ""), f"then_{place}"
        inputs = [
            self._input(f"{name}_verb", _("Act"), "select", verb, refreshes=True,
                        choices=[("", "—"), *((one, act_name(one)) for one in OFFERED)])
        ]  # fmt: skip
        kind = ACTS.get(verb)
        params = _params(verb, kind) if kind is not None else ()
        inputs += [
            self._param_input(f"{name}_{param}", verb, param, row.get(param, ""))
            for param in params
        ]
        whole = " ".join(
            self.problems[key] for key in (f"{name}_params", name) if key in self.problems
        )
        return Row(place, tuple(inputs), whole)

    def _param_input(self, name: str, verb: str, param: str, value: str) -> Input:
        kind = ACTS[verb].params[param]
        label = str(_LABELS[param]()) if param in _LABELS else label_of(param)
        if isinstance(kind.kind, Words):
            shown = "area" if param in _LONG else "text"
            return self._input(name, label, shown, value)
        choices: list[tuple[str, Any]] = [
            ("", _("nobody") if kind.required and kind.nullable else "—")
        ]
        if isinstance(kind.kind, OneOf):
            labels = {"none": _("As the team does")} if param == "method" else {}
            choices += [
                (str(key), labels.get(str(key), said)) for key, said in kind.kind.choices.choices
            ]
        elif isinstance(kind.kind, YesOrNo):
            choices += [("true", _("yes")), ("false", _("no"))]
        elif isinstance(kind.kind, Person):
            staff = Q(teams__isnull=False) | Q(grants__is_active=True)
            rows = kind.kind.rows(None).filter(staff).distinct().order_by("name")
            choices += [(str(one.pk), one.name) for one in rows[:300]]
        elif isinstance(kind.kind, RowOf):
            choices += [(str(one.pk), str(one)) for one in kind.kind.rows(None)[:300]]
        return self._input(name, label, "select", value, choices=choices)

    def _input(self, name: str, label: str, kind: str, value: str = "", **more: Any) -> Input:
        return Input(name, label, kind, value, problem=self.problems.get(name, ""), **more)


_LABELS = {
    "method": lambda: _("How"), "user": lambda: _("Person"), "tag": lambda: _("Tag"),
    "body": lambda: _("Text"), "words": lambda: _("Text"), "question": lambda: _("Question"),
    "reason": lambda: _("Reason"), "reply": lambda: _("Reply to the requester"),
}  # fmt: skip


def _params(verb: str, kind: ActKind) -> Sequence[str]:
    return _EDITS if verb == "edit" else tuple(kind.params)


def _home(problem: Problem, builder: Builder) -> str:
    """The control a problem belongs to, out of those the form shows."""
    name = problem.field
    if re.fullmatch(r"if_\d+", name):
        return name
    shown = {"name", "hourly_cap", "trigger"}
    shown |= {one.name for one in builder.trigger_inputs()}
    for row in builder.then_rows():
        shown |= {one.name for one in row.inputs} | {f"then_{row.place}_params"}
    return name if name in shown else ""


def _number(text: str) -> Any:
    text = text.strip()
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= _DIGITS else text


def _condition(row: Mapping[str, str]) -> Condition:
    alone = row.get("op", "") in ALONE
    values = [] if alone else [part.strip() for part in row.get("value", "").split(",")]
    known = fields().get(row.get("field", ""))
    operators = known.kind.operators if known is not None else ()
    op = row.get("op") or (operators[0] if operators else "is")
    return Condition(row.get("field", ""), op, tuple(value for value in values if value))


def _act(row: Mapping[str, str]) -> dict[str, Any]:
    """The act of a row with its parameters as JSON holds them."""
    verb = row.get("verb", "")
    kind = ACTS.get(verb)
    if kind is None or verb not in OFFERED:
        return {"verb": verb, "params": {}}
    params: dict[str, Any] = {}
    for name in _params(verb, kind):
        typed, param = row.get(name, "").strip(), kind.params[name]
        if typed:
            params[name] = _value(param.kind, typed)
        elif param.required and param.nullable:
            params[name] = None
    return {"verb": verb, "params": params}


def _value(kind: Any, typed: str) -> Any:
    if isinstance(kind, YesOrNo):
        return typed == "true"
    if isinstance(kind, RowOf):
        return _number(typed)
    if isinstance(kind, OneOf) and isinstance(kind.choices.values[0], int):
        return _number(typed)
    return typed


def _typed_act(act: Mapping[str, Any]) -> dict[str, str]:
    typed = {"verb": act["verb"]}
    for name, value in act["params"].items():
        if value is not None:
            typed[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return typed


__all__ = ["OFFERED", "Builder", "Input", "Row"]
