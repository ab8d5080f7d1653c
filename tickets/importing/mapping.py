"""A mapping file: which column of a log is what in OpsDesk (docs/how-to/import-tickets.md)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils.translation import gettext as _

from catalog.choices import ProductKind
from core.tables.problems import FileProblem
from tickets.choices import Channel, Impact, Priority, Resolution, Status, Type, Urgency

#: In a mapping's `zone`: the zone in which this company's weeks and days are cut.
COMPANY_ZONE = "company"
_CHOICES: dict[str, dict[str, Any]] = {
    "type": {value: value for value in Type.values},
    "impact": {member.name.lower(): member.value for member in Impact},
    "urgency": {member.name.lower(): member.value for member in Urgency},
    "priority": {member.name: member.value for member in Priority},
    "channel": {value: value for value in Channel.values},
    "resolution": {value: value for value in Resolution.values},
}
_NAMES = ("requester", "submitted_by", "actor", "assignee", "team", "module", "department")
_TEXTS = ("title", "description")
_TOP = frozenset(
    {
        "source", "zone", "missing", "encodings", "delimiter", "sheet", "time_formats", "grouped",
        "case", "time", "status", "product", "custom", "ignored", *_TEXTS, *_NAMES, *_CHOICES,
    }
)  # fmt: skip


@dataclass(frozen=True)
class NameRule:
    """A column of names (people, teams, modules …).

    `name` is what the row is called here, `{value}` being the cell. `missing` stands in for an
    empty cell. `only`: read in rows of these activities alone (who "takes in charge").
    """

    column: str
    name: str = "{value}"
    missing: str = ""
    only: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ChoiceRule:
    """A column of choices: what is written there → what it is here."""

    column: str
    values: dict[str, Any]


@dataclass(frozen=True)
class StatusRule:
    """The column of states or activities.

    `values`: cell → status. `verbs`: cell → verb, where the domain has two for one move. `keep`:
    cells that change no status. `latest`: statuses of which, repeated, the last row counts.
    """

    column: str
    values: dict[str, str]
    verbs: dict[str, str] = field(default_factory=dict)
    keep: frozenset[str] = frozenset()
    latest: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ProductRule:
    """The one product all tickets of the log belong to; made when it is not there."""

    code: str
    name: str
    kind: ProductKind = ProductKind.OPTIONAL


@dataclass(frozen=True)
class Mapping:
    """A mapping file, checked."""

    source: str
    zone: ZoneInfo
    case: str
    time: str
    submitted: str
    status: StatusRule
    product: ProductRule
    texts: dict[str, str]
    names: dict[str, NameRule]
    choices: dict[str, ChoiceRule]
    custom: dict[str, str]
    ignored: frozenset[str]
    missing: frozenset[str]
    time_formats: tuple[str, ...]
    encodings: tuple[str, ...]
    delimiter: str
    sheet: str
    grouped: bool

    def columns(self) -> list[str]:
        """Every column the mapping names, once, in no particular order."""
        named = [
            self.case, self.time, self.submitted, self.status.column,
            *(rule.column for rule in self.names.values()),
            *(rule.column for rule in self.choices.values()),
            *self.custom.values(),
        ]  # fmt: skip
        return [name for name in dict.fromkeys(named) if name]


def read_mapping(path: Path) -> Mapping:
    """Read and check a mapping; raises FileProblem naming the key, the value and the remedy."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileProblem(
            _("The mapping cannot be read."), _("Check the path; examples: examples/mappings/."),
            where=str(path), value=error.strerror or "",
        ) from error  # fmt: skip
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileProblem(
            _("The mapping is not valid TOML."), _("Correct the place named."),
            where=str(path), value=str(error),
        ) from error  # fmt: skip
    return _Parser(path, raw).mapping()


class _Parser:
    """Turns the tables of a mapping into rules, naming what is wrong by its key."""

    def __init__(self, path: Path, raw: dict[str, Any]) -> None:
        self.path = path
        self.raw = raw

    def mapping(self) -> Mapping:
        if unknown := sorted(self.raw.keys() - _TOP):
            self.refuse(unknown[0], _("This key is not known."), ", ".join(sorted(_TOP)))
        time = self.table("time")
        return Mapping(
            source=self.text(self.raw, "source", ""),
            zone=self.zone(),
            case=self.text(self.table("case"), "column", "case."),
            time=self.text(time, "column", "time."),
            submitted=str(time.get("submitted", "")),
            status=self.status(),
            product=self.product(),
            texts={name: self.text(self.raw, name, "") for name in _TEXTS},
            names={name: self.name(name) for name in _NAMES if name in self.raw},
            choices={name: self.choice(name) for name in _CHOICES if name in self.raw},
            custom={str(key): str(column) for key, column in self.table("custom", ()).items()},
            ignored=frozenset(self.table("ignored", ())),
            missing=frozenset({"", *self.texts("missing", ())}),
            time_formats=tuple(self.texts("time_formats", ("%Y-%m-%d %H:%M:%S",))),
            encodings=tuple(self.texts("encodings", ("utf-8-sig",))),
            delimiter=str(self.raw.get("delimiter", ",")),
            sheet=str(self.raw.get("sheet", "")),
            grouped=bool(self.raw.get("grouped", False)),
        )

    def refuse(self, key: str, message: str, remedy: str, value: object = "") -> None:
        raise FileProblem(message, remedy, where=f"{self.path}, {key}", value=str(value))

    def table(self, key: str, default: Any = None) -> Dict[str, Any]:
        found = self.raw.get(key, default)
        if found == ():
            return {}
        if not isinstance(found, dict):
            self.refuse(key, _("This table is missing."), f"[{key}]", found or "")
        return dict(found)

    def text(self, table: Dict[str, Any], key: str, prefix: str) -> str:
        found = table.get(key)
        if not isinstance(found, str) or not found:
            self.refuse(prefix + key, _("This text is missing."), f'{key} = "…"', found or "")
        return str(found)

    def texts(self, key: str, default: Sequence[str]) -> list[str]:
        found = self.raw.get(key, list(default))
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            self.refuse(key, _("This must be a list of texts."), f'{key} = ["…"]', found)
        return list(found)

    def zone(self) -> ZoneInfo:
        name = self.text(self.raw, "zone", "")
        try:
            return ZoneInfo(settings.TIME_ZONE if name == COMPANY_ZONE else name)
        except (ZoneInfoNotFoundError, ValueError):
            self.refuse(
                "zone", _("There is no such time zone."),
                _("A name like “Europe/Rome”, or “company”."), name,
            )  # fmt: skip
            raise

    def status(self) -> StatusRule:
        table = self.table("status")
        values = {str(key): str(value) for key, value in dict(table.get("values", {})).items()}
        latest = frozenset(map(str, table.get("latest", ())))
        for key, value in [*values.items(), *((value, value) for value in latest)]:
            if value not in Status.values:
                self.refuse(
                    f"status.values.{key}", _("This is no status."), ", ".join(Status.values), value
                )
        return StatusRule(
            column=self.text(table, "column", "status."),
            values=values,
            verbs={str(key): str(verb) for key, verb in dict(table.get("verbs", {})).items()},
            keep=frozenset(map(str, table.get("keep", ()))),
            latest=latest,
        )

    def product(self) -> ProductRule:
        table = self.table("product")
        kind = str(table.get("kind", ProductKind.OPTIONAL.value))
        if kind not in ProductKind.values:
            self.refuse("product.kind", _("This is no kind."), ", ".join(ProductKind.values), kind)
        return ProductRule(
            code=self.text(table, "code", "product."),
            name=self.text(table, "name", "product."),
            kind=ProductKind(kind),
        )

    def name(self, key: str) -> NameRule:
        table = self.table(key)
        if extra := sorted(table.keys() - {"column", "name", "missing", "only"}):
            self.refuse(
                f"{key}.{extra[0]}", _("This key is not known."), "column, name, missing, only"
            )
        return NameRule(
            column=self.text(table, "column", f"{key}."),
            name=str(table.get("name", "{value}")),
            missing=str(table.get("missing", "")),
            only=frozenset(map(str, table.get("only", ()))),
        )

    def choice(self, key: str) -> ChoiceRule:
        table = self.table(key)
        accepted = _CHOICES[key]
        values: dict[str, Any] = {}
        for written, wanted in dict(table.get("values", {})).items():
            if wanted not in accepted:
                self.refuse(
                    f"{key}.values.{written}", _("This is not one of the choices."),
                    ", ".join(accepted), wanted,
                )  # fmt: skip
            values[str(written)] = accepted[wanted]
        return ChoiceRule(column=self.text(table, "column", f"{key}."), values=values)
