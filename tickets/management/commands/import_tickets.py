"""`manage.py import_tickets FILE --mapping M`: tickets with their history out of another system."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from accounts.models import User
from core.tables.problems import FileProblem
from tickets.importing.mapping import read_mapping
from tickets.importing.problems import Problems, kept_in
from tickets.importing.running import Importer, Summary

#: Kinds of problems listed on the terminal; the errors file has every single one.
_SHOWN = 30


class Command(BaseCommand):
    help = "Import tickets with their history from CSV, gzip CSV or XLSX."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the log: .csv, .csv.gz or .xlsx")
        parser.add_argument(
            "--mapping", type=Path, required=True, help="examples: examples/mappings/"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="check everything, write nothing"
        )
        parser.add_argument("--errors", type=Path, help="write every problem into this CSV file")
        parser.add_argument("--as", dest="username", default="", help="who imports (user name)")
        parser.add_argument("--no-progress", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with kept_in(options["errors"]) as problems:
                summary = self._run(options, problems)
        except FileProblem as problem:
            raise CommandError(str(problem)) from problem
        except OSError as error:
            raise CommandError(f"{options['errors']}: {error.strerror}") from error
        self._tell(summary, problems, options)

    def _run(self, options: dict[str, Any], problems: Problems) -> Summary:
        importer = Importer(
            mapping=read_mapping(options["mapping"]),
            problems=problems,
            acting_user=self._person(options["username"]),
            now=timezone.now(),
            dry_run=options["dry_run"],
        )
        quiet = options["no_progress"] or options["verbosity"] == 0
        with tqdm(unit=" " + _("rows"), file=sys.stderr, disable=quiet) as bar:

            def progress(summary: Summary, rows: int) -> None:
                bar.total = max(rows, summary.rows)
                bar.n = summary.rows
                bar.set_postfix_str(
                    _("%(tickets)s new tickets, %(known)s known, %(problems)s problems")
                    % {
                        "tickets": summary.result.created,
                        "known": summary.result.unchanged + summary.result.grown,
                        "problems": sum(kind.count for kind in problems.kinds.values()),
                    }
                )

            importer.progress = progress
            return importer.run(options["file"])

    def _person(self, username: str) -> User | None:
        if not username:
            return None
        user: User | None = User.objects.working_here().filter(username__iexact=username).first()
        if user is None:
            raise CommandError(
                _("--as: nobody here is called “%(name)s”. Give the user name of a person who "
                  "can sign in.") % {"name": username}
            )  # fmt: skip
        return user

    def _tell(self, summary: Summary, problems: Problems, options: dict[str, Any]) -> None:
        result = summary.result
        if options["dry_run"]:
            self.stdout.write(_("Dry run: nothing was written. What an import would do:"))
        self.stdout.write(
            _("%(rows)s rows, %(cases)s tickets: %(created)s new, %(grown)s continued, "
              "%(unchanged)s unchanged, %(left_out)s left out; %(events)s events.")
            % {
                "rows": summary.rows, "cases": summary.cases, "created": result.created,
                "grown": result.grown, "unchanged": result.unchanged,
                "left_out": summary.left_out, "events": result.events,
            }
        )  # fmt: skip
        kinds = sorted(
            problems.kinds.values(), key=lambda kind: (not kind.first.refuses, -kind.count)
        )
        for kind in kinds[:_SHOWN]:
            first = kind.first
            self.stdout.write(
                _("%(kind)s, %(count)s×: line %(line)s, column “%(column)s”, value “%(value)s”: "
                  "%(message)s %(remedy)s")
                % {
                    "kind": _("Left out") if first.refuses else _("Note"), "count": kind.count,
                    "line": first.line, "column": first.column, "value": first.value,
                    "message": first.message, "remedy": first.remedy,
                }
            )  # fmt: skip
        if len(kinds) > _SHOWN:
            self.stdout.write(
                _("… and %(count)s more kinds of problems; --errors FILE.csv lists all.")
                % {"count": len(kinds) - _SHOWN}
            )
