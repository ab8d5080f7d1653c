"""Domain words of snapshots and their rows as chainable querysets."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Aggregate, Count, Exists, FloatField, Max, OuterRef, Q, Sum

if TYPE_CHECKING:
    # Named in base classes, which ruff overlooks.
    from reports.models import (  # noqa: F401
        AgreedAction,
        FigureTarget,
        LiveRow,
        Snapshot,
        SnapshotRow,
    )
    from reports.policies.periods import Period

#: What the names of each kind of period look like.
_LOOKS = {"week": "-W", "month": "-[01][0-9]$", "quarter": "-Q"}

#: A row's place in a list: microseconds since 1970, and its id.
_ROW_KEY = re.compile(r"(-?[0-9]{1,16})\.([0-9]{1,18})")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


def row_key(at: dt.datetime, pk: int) -> str:
    """The key of a row for the list that goes on behind it (`LiveRowQuerySet.newest_first`)."""
    return f"{(at - _EPOCH) // _MICROSECOND}.{pk}"


if TYPE_CHECKING:
    _BigInteger = models.BigIntegerField[int, int]
else:
    _BigInteger = models.BigIntegerField


class WholeNumberField(_BigInteger):
    """A whole number of any length; those of Django end at nineteen digits."""

    def db_type(self, connection: Any) -> str:
        return "numeric"

    def from_db_value(self, value: Decimal | None, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)


class Percentile(Aggregate):
    """`percentile_cont`, the same interpolation as `core.worktime.percentile`."""

    function = "PERCENTILE_CONT"
    name = "percentile"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()

    def __init__(self, expression: str, share: float, **extra: Any) -> None:
        super().__init__(expression, share=float(share), **extra)


class LiveRowQuerySet(models.QuerySet["LiveRow"]):
    def of_subject(self, subject: str, pks: list[int]) -> LiveRowQuerySet:
        return self.filter(subject=subject, subject_id__in=pks)

    def narrowed(self, name: str, value: str | None) -> LiveRowQuerySet:
        """To one step, reason or cause; None narrows nothing, nonsense finds nothing."""
        if value is None:
            return self
        if name == "types":
            return self.filter(type__in=value.split(","))
        if name != "cause":
            return self.filter(**{name: value})
        if not value.isdecimal() or len(value) > 18:
            return self.none()
        return self.filter(cause_id=int(value))

    def newest_first(self, after: str = "") -> LiveRowQuerySet:
        """In the order of their index, behind the row of a key; from the start without one."""
        rows = self.order_by("-at", "-id")
        if not (key := _ROW_KEY.fullmatch(after)):
            return rows
        at = _EPOCH + int(key[1]) * _MICROSECOND
        return rows.filter(Q(at__lt=at) | Q(pk__lt=int(key[2])), at__lte=at)


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def in_force(self) -> SnapshotQuerySet:
        """Without those that a correction replaced."""
        return self.filter(replaced_by__isnull=True)

    def in_force_at(self, moment: dt.datetime) -> SnapshotQuerySet:
        """As they were then: what is made or corrected later never changes a page."""
        return self.filter(
            Q(replaced_by__isnull=True) | Q(replaced_by__computed_at__gt=moment),
            computed_at__lte=moment,
        )

    def of_periods(self, names: list[str]) -> SnapshotQuerySet:
        """By name: a week's, a month's and a quarter's are never alike."""
        return self.filter(period__in=names)


class SnapshotRowQuerySet(models.QuerySet["SnapshotRow"]):
    def of_figure(self, figure: str) -> SnapshotRowQuerySet:
        return self.filter(figure=figure)

    def sums(self, *dimensions: str) -> Any:
        """What every kind of figure is worked out from, per figure and further dimensions."""
        return (
            self.order_by()
            .values("figure", *dimensions)
            .annotate(
                rows=Count("id"),
                met=Sum("amount"),
                total=Sum("seconds"),
                ended=Sum("seconds", filter=Q(amount=1)),
                median=Percentile("seconds", 0.5),
                ninth=Percentile("seconds", 0.9),
                step_median=Percentile("length", 0.5),
                step_ninth=Percentile("length", 0.9),
                longest=Max("seconds"),
                causes=Count("cause_id", distinct=True),
                subjects=Count("subject_id", distinct=True, filter=Q(figure="resolved")),
                # A ticket without cause stands for itself.
                single=Count("subject_id", distinct=True, filter=Q(cause_id__isnull=True)),
            )
        )


class AgreedActionQuerySet(models.QuerySet["AgreedAction"]):
    def agreed_in(self, period: str) -> AgreedActionQuerySet:
        """What the report of this week asks for."""
        return self.filter(period=period)

    def carried_into(self, period: Period) -> AgreedActionQuerySet:
        """Agreed in an earlier report of the same kind and not ended before this one's start.

        Names are compared as text: those of a kind look alike and sort by time.
        """
        return self.filter(period__regex=_LOOKS[period.kind], period__lt=period.name).filter(
            Q(ended_at__isnull=True) | Q(ended_at__gte=period.starts_at)
        )


class FigureTargetQuerySet(models.QuerySet["FigureTarget"]):
    def in_force(self, day: dt.date) -> FigureTargetQuerySet:
        """The version of each figure that holds on a day: the newest that has come."""
        come = self.filter(from_day__lte=day)
        return come.order_by("figure", "-number").distinct("figure")

    def to_come(self, day: dt.date) -> FigureTargetQuerySet:
        """Versions that will hold and do not yet, the first to come first: the newest of each day,
        unless a newer one comes before."""
        newer = self.model._default_manager.filter(
            figure=OuterRef("figure"), number__gt=OuterRef("number"),
            from_day__lte=OuterRef("from_day"),
        )  # fmt: skip
        return self.filter(~Exists(newer), from_day__gt=day).order_by("from_day", "figure")
