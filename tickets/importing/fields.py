"""Custom fields of an import: the same rules as in the form and the API, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping as Values
from dataclasses import replace
from functools import cache
from typing import Any

from catalog.access import fields_for, people_of_fields
from catalog.choices import FieldTarget
from catalog.models import Module, Product
from core.customfields import PREFIX, Definition, People, clean_values
from core.errors import BadInput, Problem
from tickets.importing.mapping import Mapping
from tickets.importing.problems import Problems, RowProblem
from tickets.importing.translating import Draft, Step


class FieldChecker:
    """Puts the values of a case into their stored form, or names each cell that is wrong.

    Columns that no definition names are kept as they are, under their own names. What is
    required is judged as the case ends: its history may have been written before it was asked.
    """

    def __init__(self, mapping: Mapping, columns: Values[str, str], problems: Problems) -> None:
        self.columns, self.problems = columns, problems
        self.product = Product.objects.filter(code=mapping.product.code).first()
        find = people_of_fields().find
        self.people = People(cache(find))
        self._known: dict[tuple[str, str], list[Definition]] = {}
        # An import of a product that asks for nothing costs nothing.
        self.asks = bool(self._definitions("", ""))

    def _definitions(self, module: str, row_type: str) -> list[Definition]:
        """What is asked of a ticket of this module (by name) and type."""
        known = self._known.get((module, row_type))
        if known is None:
            place = (
                Module.objects.filter(product=self.product, name=module).first()
                if module and self.product is not None else None
            )  # fmt: skip
            known = fields_for(FieldTarget.TICKET, self.product, place, row_type)
            self._known[module, row_type] = known
        return known

    def accepts(self, draft: Draft) -> bool:
        """Whether every value of the case may be stored; those that may are, in one form."""
        if not self.asks and not any("type" in step.fields for step in draft.steps):
            return True
        module, row_type, problems = "", "", []
        holding: dict[str, Any] = {}
        line = draft.line
        for step in draft.steps:
            module = step.names.get("module_id", module) or ""
            row_type = step.fields.get("type", row_type)
            if "custom" in step.fields:
                found = self._read(step, self._definitions(module, row_type))
                problems += [(step.line, problem) for problem in found]
                holding, line = step.fields["custom"], step.line
        if not problems:
            missing = self._missing(holding, self._definitions(module, row_type))
            problems = [(line, problem) for problem in missing]
        for at, problem in problems:
            key = problem.field.removeprefix(PREFIX)
            self.problems.add(
                RowProblem(
                    at, self.columns.get(key, key), problem.value, str(problem.message),
                    str(problem.remedy),
                )
            )  # fmt: skip
        return not problems

    def _read(self, step: Step, definitions: list[Definition]) -> list[Problem]:
        """Put the values of one step into their stored form; what is wrong with them."""
        custom: dict[str, Any] = step.fields["custom"]
        known = {definition.key for definition in definitions}
        sent = {key: value for key, value in custom.items() if key in known}
        kept = {key: value for key, value in custom.items() if key not in known}
        if not sent:
            return []
        # What is required is judged when the whole case has been read.
        open_ones = [replace(definition, is_required=False) for definition in definitions]
        try:
            values = clean_values(open_ones, sent, people=self.people)
        except BadInput as refused:
            return list(refused.problems)
        step.fields["custom"] = {**kept, **values}
        return []

    def _missing(self, holding: Values[str, Any], definitions: list[Definition]) -> list[Problem]:
        known = {definition.key for definition in definitions}
        sent = {key: str(value) for key, value in holding.items() if key in known}
        try:
            clean_values(definitions, sent, people=People(lambda text: 1))
        except BadInput as refused:
            return list(refused.problems)
        return []
