"""The report of one week on the command line."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import override

from core.sheets import xlsx_bytes
from reports.access import EVERYTHING
from reports.actions import make_snapshot
from reports.choices import DEFINITION_VERSION
from reports.models import Snapshot
from reports.policies.agreeing import disagreement
from reports.policies.periods import Period, period_named
from reports.policies.report import Report, compute_report, knowledge
from reports.rendering.annex_tables import annex_tables
from reports.rendering.beside import beside_figures
from reports.rendering.frozen import page_as_html
from reports.rendering.paper import report_as_pdf
from reports.rendering.plain import report_as_json
from reports.rendering.sheet import sheet_of_report, sheet_of_snapshot
from reports.rendering.workbook import workbook_of

STORED = "stored"


class Command(BaseCommand):
    help = (
        "Prints the weekly report: the frozen snapshot, made first if the week has none yet. "
        "With --as-of it is recomputed and nothing is stored."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--week",
            required=True,
            metavar="PERIOD",
            help="ISO week, month or quarter: 2016-W17, 2016-04, 2016-Q2",
        )
        parser.add_argument("--format", choices=("json", "html", "xlsx", "pdf"), default="json")
        parser.add_argument("--language", default="zh-hans", help="of the page (default zh-hans)")
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="write there instead of to the terminal"
        )
        parser.add_argument(
            "--as-of",
            nargs="?",
            const=STORED,
            metavar="TIME",
            help="recompute from what was recorded by TIME (ISO 8601); without TIME, from what "
            "the snapshot knew",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            week = period_named(options["week"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        source = self._source(week, options["as_of"])
        self._compare(week, source)
        with override(options["language"]):
            content = _content(source, options["format"])
        if options["output"]:
            options["output"].write_bytes(content)
        elif options["format"] in ("xlsx", "pdf"):
            kind = options["format"]
            raise CommandError(f"A {kind} file is no text: name it with --output report.{kind}")
        else:
            self.stdout.write(content.decode())

    def _source(self, week: Period, as_of: str | None) -> Snapshot | Report:
        now = timezone.now()
        if as_of is None:
            if not week.is_over(now):
                raise CommandError(
                    f"{week.name} is not over. Its report is made on the Monday after; "
                    "--as-of shows the figures so far."
                )
            return make_snapshot(week, now)
        return compute_report(week, self._moment(week, as_of))

    def _compare(self, week: Period, source: Snapshot | Report) -> None:
        """Say whether a recomputed report agrees with the frozen one, and if not, why."""
        snapshot = Snapshot.objects.in_force().of_periods([week.name]).first()
        if isinstance(source, Snapshot) or snapshot is None:
            return
        for line in disagreement(snapshot, source) or ["It agrees with the frozen report."]:
            self.stderr.write(line)

    def _moment(self, week: Period, as_of: str) -> datetime:
        if as_of == STORED:
            snapshot = Snapshot.objects.in_force().of_periods([week.name]).first()
            return snapshot.as_of if snapshot is not None else knowledge() or timezone.now()
        moment = parse_datetime(as_of)
        if moment is None:
            raise CommandError(
                f"--as-of {as_of!r} is no time; write it like 2016-05-02T02:10:00+08:00"
            )
        return moment if moment.tzinfo is not None else timezone.make_aware(moment)


def _content(source: Snapshot | Report, kind: str) -> bytes:
    """The report as a file of this kind."""
    if kind == "json":
        version = source.definition_version if isinstance(source, Snapshot) else DEFINITION_VERSION
        found = report_as_json(source, version)
        return (json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode()
    if kind == "html":
        return page_as_html(source).encode()
    sheet = (
        sheet_of_snapshot(source)
        if isinstance(source, Snapshot)
        else sheet_of_report(source, DEFINITION_VERSION)
    )
    if not isinstance(source, Snapshot):
        # What is not stored has no rows to list, and nobody added a word to it.
        return xlsx_bytes(workbook_of(sheet)) if kind == "xlsx" else report_as_pdf(sheet)
    tables = annex_tables(sheet, source, EVERYTHING)
    if kind == "xlsx":
        return xlsx_bytes(workbook_of(sheet, tables))
    return report_as_pdf(sheet, beside_figures(source, EVERYTHING, timezone.now()), tables)
