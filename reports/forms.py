"""The forms of a report's conclusion and of the actions it asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.forms import PlainSelect
from feedback.forms.fields import day_field, words_field
from reports.access import ReportScope
from reports.choices import FIGURES, ActionState, Kind, kind_of
from reports.policies.explore.asking import MOST_POINTS, USUAL_WEEKS, Asked
from reports.policies.explore.cells import Grain, monday_of
from reports.policies.explore.naming import Names
from reports.policies.weeks import Week, company_day
from reports.rendering.periods import week_in_words
from tickets.forms.fields import PersonField

#: Weeks that a target can begin with, this one first.
WEEKS_OFFERED = 14
#: What one of the form's units is in the figure's own; counts are what they are.
_UNITS = {Kind.SHARE: 0.01, Kind.TIME: 3600}
_LABELS = {
    (Kind.SHARE, True): _("At least, percent"), (Kind.SHARE, False): _("At most, percent"),
    (Kind.TIME, True): _("At least, working hours"),
    (Kind.TIME, False): _("At most, working hours"),
    (Kind.COUNT, True): _("At least"), (Kind.COUNT, False): _("At most"),
}  # fmt: skip


class ConclusionForm(forms.Form):
    """What changed, why, and what is asked of the reader; readers see one of the two languages."""

    text_zh = words_field(_("Conclusion in Chinese"), rows=6)
    text_en = words_field(_("Conclusion in English"), rows=6)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class AgreedActionForm(forms.Form):
    """What, who, by when."""

    text = forms.CharField(label=_("What is to be done"), max_length=300)
    owner = PersonField(label=_("Who"))
    due_on = day_field(_("By when"))


class SubscriberForm(forms.Form):
    """Who gets the reports; nobody named is the person who asks."""

    person = PersonField(label=_("Somebody else"), required=False)


class TargetForm(forms.Form):
    """What one figure is to reach, and from which week on; in the unit people say it in.

    `number` is the newest version that was seen, 0 for none.
    """

    value = forms.DecimalField(label=_("Target"), required=False, max_digits=12, decimal_places=2)
    from_week = forms.ChoiceField(label=_("From which week on"), widget=PlainSelect)
    note = forms.CharField(
        label=_("Why"), max_length=200, required=False, help_text=_("Stands beside the target.")
    )
    number = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, figure: str, now: dt.datetime, **options: Any) -> None:
        super().__init__(data, **options)
        this_week = Week.of(now)
        self.fields["from_week"].choices = [  # type: ignore[attr-defined]  # a choice field
            (week.name, week_in_words(week))
            for week in (this_week.shift(n) for n in range(WEEKS_OFFERED))
        ]
        kind, least = kind_of(figure), FIGURES[figure].good == "up"
        self.unit = _UNITS.get(kind, 1)
        self.fields["value"].label = _LABELS[kind, least]
        self.fields["value"].help_text = _("Empty: no target from that week on.")

    def wanted(self) -> float | None:
        """The value in the figure's own unit."""
        value = self.cleaned_data["value"]
        return None if value is None else float(value) * self.unit


class EndActionForm(forms.Form):
    """How an agreed action ended."""

    state = forms.ChoiceField(
        label=_("How did it end?"),
        choices=[(state.value, state.label) for state in (ActionState.DONE, ActionState.DROPPED)],
        widget=forms.RadioSelect,
        initial=ActionState.DONE,
    )
    outcome = words_field(
        _("What came of it"), rows=2, required=False,
        help_text=_("Needed when it is dropped: say why."),
    )  # fmt: skip
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class AskedDay(forms.DateField):
    """A day of an address. What is no day is named: its box cannot show it."""

    def to_python(self, value: Any) -> dt.date | None:
        try:
            return super().to_python(value)
        except ValidationError as error:
            said = _("%(value)s is no date. Give it as year-month-day, like 2026-11-16.")
            raise ValidationError(said, "invalid", {"value": str(value)[:40]}) from error


class ExploreForm(forms.Form):
    """The question of an explore page, as its address has it.

    `uses`: the fields the page has, in its order; `splits`: what it may be split by; `figures`:
    what a trend can show, with labels. An address is shared among people, so who may not see a
    product, a department or a person is told so by name.
    """

    def __init__(
        self, data: Any, *, choices: ExploreChoices, uses: Sequence[str],
        figures: Sequence[tuple[str, str]] = (), splits: Sequence[str] = (),
    ) -> None:  # fmt: skip
        super().__init__(data)
        for name in uses:
            self.fields[name] = self._field(name, choices, figures, splits)

    def _field(
        self, name: str, choices: ExploreChoices, figures: Sequence[tuple[str, str]],
        splits: Sequence[str],
    ) -> forms.Field:  # fmt: skip
        if name in ("from", "to"):
            label = _("From") if name == "from" else _("Until")
            return AskedDay(
                label=label, required=False, widget=forms.DateInput({"type": "date"})
            )  # fmt: skip
        offered = choices.of(name)
        if name == "figure":
            offered = list(figures)
        elif name == "split":
            offered = [("", pgettext_lazy("split", "Nothing")), *choices.splits(splits)]
        return forms.ChoiceField(
            label=choices.label(name), required=False, choices=offered, widget=PlainSelect,
            error_messages={
                "invalid_choice": _(
                    "%(value)s is not among what you can choose here. Choose from the list."
                )
            },
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("from"), data.get("to")
        if first and last and first > last:
            self.add_error("to", _("The end lies before the start. Choose a later day."))
        if first and first.year < EARLIEST_YEAR:
            self.add_error("from", _("Nothing is that old. Choose a day from 1990 on."))
        if last and last.year < EARLIEST_YEAR:
            self.add_error("to", _("Nothing is that old. Choose a day from 1990 on."))
        if last and last.year > LATEST_YEAR:
            self.add_error("to", _("That is too far ahead. Choose a day before 2100."))
        return data

    def question(self, now: dt.datetime, people: frozenset[int]) -> Asked:
        """What a valid form asks. Adds an error and raises ValueError for a period without
        or with too many points."""
        data = self.cleaned_data
        grain = Grain(data.get("grain") or Grain.WEEK)
        last = data.get("to") or company_day(now)
        usual = monday_of(last) - dt.timedelta(weeks=USUAL_WEEKS - 1)
        first = data.get("from") or usual
        if first > last:
            self.add_error("from", _("That is still to come. Choose an earlier day."))
            raise ValueError(first)
        asked = Asked(
            first, last, grain, now,
            {name: data[name] for name in FILTERED if data.get(name)},
            data.get("split", ""), data.get("figure") or Asked.figure, people,
        )  # fmt: skip
        if len(asked.points) > MOST_POINTS:
            many = _(
                "This makes more than %(most)s points. Choose months or quarters, or start later."
            )
            self.add_error("from", many % {"most": MOST_POINTS})
            raise ValueError(first)
        return asked

    def listed(self, now: dt.datetime, people: frozenset[int], given: Mapping[str, str]) -> Asked:
        """What a list's address asks: exact days; a filter given empty asks for rows without."""
        data = self.cleaned_data
        return Asked(
            data.get("from") or dt.date(EARLIEST_YEAR, 1, 1), data.get("to") or company_day(now),
            Grain.DAY, now, {name: data[name] for name in FILTERED if name in given},
            people=people,
        )  # fmt: skip


FILTERED = ("product", "module", "type", "level", "department", "team", "person", "channel")
EARLIEST_YEAR, LATEST_YEAR = 1990, 2099


class ExploreChoices:
    """What one reader can choose from; asked of the database when first needed."""

    def __init__(self, names: Names, scope: ReportScope, people: frozenset[int]) -> None:
        self.names, self.scope, self.people = names, scope, people

    def of(self, name: str) -> list[Any]:
        """The choices of a field, with the empty one that narrows nothing."""
        own: dict[str, Callable[[], list[Any]]] = {
            "grain": self._grain, "product": self._product, "module": self._module,
            "department": self._department, "person": self._person,
        }  # fmt: skip
        if name in own:
            return own[name]()
        if name in ("type", "level", "channel", "team", "reason"):
            return [("", pgettext_lazy("filter", "All")), *getattr(self.names, name).items()]
        return []

    def label(self, name: str) -> Any:
        return {
            "figure": _("Figure"), "grain": _("In steps of"), "split": _("Split by"),
            "product": _("Product"), "module": _("Module"), "type": _("Type"),
            "level": _("Level"), "department": _("Department"), "team": _("Team"),
            "person": _("Person"), "channel": _("Channel"), "reason": _("Reason"),
        }[name]  # fmt: skip

    def splits(self, splits: Sequence[str]) -> list[tuple[str, Any]]:
        return [(name, self.label(name)) for name in splits]

    def _grain(self) -> list[Any]:
        return [("week", _("Weeks")), ("month", _("Months")), ("quarter", _("Quarters"))]

    def _product(self) -> list[Any]:
        ids = {str(pk) for pk in self.scope.product_ids}
        free = any(part.product_id is None for part in self.scope.parts)
        known = self.names.product.items()
        return [
            ("", pgettext_lazy("filter", "All")),
            *((pk, name) for pk, name in known if free or pk in ids),
        ]

    def _module(self) -> list[Any]:
        groups: dict[str, list[tuple[str, str]]] = {}
        products = dict(self._product()[1:])
        for pk, (name, product_id) in self.names.modules.items():
            if product_id in products:
                groups.setdefault(products[product_id], []).append((pk, name))
        return [("", pgettext_lazy("filter", "All")), *groups.items()]

    def _department(self) -> list[Any]:
        free = any(not part.department_path for part in self.scope.parts)
        return [
            ("", pgettext_lazy("filter", "All")),
            *(
                (pk, "\u3000" * (path.count("/") - 2) + name)
                for pk, (name, path) in self.names.departments.items()
                if free or path.startswith(tuple(self.scope.department_paths))
            ),
        ]

    def _person(self) -> list[Any]:
        known = self.names.person
        people = [(str(pk), known[str(pk)]) for pk in self.people if str(pk) in known]
        return [("", pgettext_lazy("filter", "All")), *sorted(people, key=lambda each: each[1])]
