"""`manage.py import_manual FOLDER --product P [--role R]`: a manual that exists as Markdown."""

from __future__ import annotations

import csv
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from accounts.models import User
from catalog.access import read_rights
from catalog.models import Product, ProductRole
from core.sheets import harmless
from docs_portal.actions.importing import Outcome
from docs_portal.choices import PageKind
from docs_portal.importing.problems import FolderProblem, Troubles
from docs_portal.importing.running import Importer, Summary, Wanted
from docs_portal.policies import may_write

#: Examples of each kind of trouble on the terminal; --errors has every one.
_EXAMPLES = 3


class Command(BaseCommand):
    help = (
        "Import a folder of Markdown as the manual of a product: pages in the folder's order, "
        "with their pictures and the links between them. Run again, it updates what changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder with the Markdown files")
        parser.add_argument("--product", required=True, help="code of the product")
        parser.add_argument(
            "--role", action="append", default=[], metavar="ROLE",
            help="for whom: a role's code for the whole folder, SUBFOLDER=ROLE for a part of it; "
            "may be repeated",
        )  # fmt: skip
        parser.add_argument("--source", default="", help="what the folder is called (its name)")
        parser.add_argument("--kind", choices=PageKind.values, default=PageKind.FEATURE_GUIDE)
        parser.add_argument("--as", dest="username", default="", help="who imports (user name)")
        parser.add_argument("--draft", action="store_true", help="publish nothing")
        parser.add_argument(
            "--minor", action="store_true", help="changes of wording: must-reads are not asked anew"
        )
        parser.add_argument(
            "--overwrite", action="store_true",
            help="give pages edited here since the folder's text, as a new revision",
        )  # fmt: skip
        parser.add_argument("--dry-run", action="store_true", help="check all, write nothing")
        parser.add_argument("--errors", type=Path, help="write every trouble into this CSV file")
        parser.add_argument("--no-progress", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = self._wanted(options)
        troubles = Troubles()
        quiet = options["no_progress"] or options["verbosity"] == 0
        try:
            with tqdm(unit=" " + _("steps"), file=sys.stderr, disable=quiet) as bar:

                def progress(done: int, total: int) -> None:
                    bar.total = total
                    bar.update(done - bar.n)

                summary = Importer(wanted, troubles, progress).run()
        except FolderProblem as problem:
            raise CommandError(str(problem)) from problem
        if options["errors"] is not None:
            self._keep(options["errors"], troubles)
        if options["verbosity"]:
            self._tell(wanted, summary, troubles)

    def _wanted(self, options: dict[str, Any]) -> Wanted:
        product = self._product(options["product"])
        role: ProductRole | None = None
        parts: dict[str, ProductRole] = {}
        for said in options["role"]:
            part, mark, code = said.rpartition("=")
            if not mark:
                role = self._role(product, code)
                continue
            part = part.strip("/")
            if not (options["folder"] / part).is_dir():
                raise CommandError(
                    _("--role: “%(folder)s” has no subfolder “%(part)s”. Name one as it stands "
                      "there, for example guide/admin=%(code)s.")
                    % {"folder": options["folder"], "part": part, "code": code}
                )  # fmt: skip
            parts[part] = self._role(product, code)
        return Wanted(
            folder=options["folder"], product=product, role=role, parts=parts,
            acting_user=self._person(product, options["username"]), now=timezone.now(),
            source=options["source"], kind=options["kind"], publishes=not options["draft"],
            overwrites=options["overwrite"], is_material=not options["minor"],
            dry_run=options["dry_run"],
        )  # fmt: skip

    def _product(self, code: str) -> Product:
        product: Product | None = Product.objects.filter(code=code, is_active=True).first()
        if product is None:
            known = Product.objects.filter(is_active=True, is_other=False)
            raise CommandError(
                _("--product: there is no product “%(code)s”. Use one of: %(codes)s.")
                % {"code": code, "codes": ", ".join(known.values_list("code", flat=True))}
            )
        return product

    def _role(self, product: Product, code: str) -> ProductRole:
        roles = ProductRole.objects.filter(product=product)
        role: ProductRole | None = roles.filter(code=code).first()
        if role is None:
            raise CommandError(
                _("--role: %(product)s has no role “%(code)s”. Use one of: %(codes)s.")
                % {
                    "product": product.name, "code": code,
                    "codes": ", ".join(roles.values_list("code", flat=True)) or "–",
                }
            )  # fmt: skip
        return role

    def _person(self, product: Product, username: str) -> User:
        people = User.objects.working_here().order_by("pk")
        if username:
            person: User | None = people.filter(username__iexact=username).first()
            if person is None or not may_write(person, product.pk):
                raise CommandError(
                    _("--as: “%(name)s” does not write the manual of %(product)s. Give the user "
                      "name of an agent of the product.")
                    % {"name": username, "product": product.name}
                )  # fmt: skip
            return person
        everybody = list(people)
        read_rights(everybody)
        found = next((person for person in everybody if may_write(person, product.pk)), None)
        if found is None:
            raise CommandError(
                _("Nobody writes the manual of %(product)s. Make somebody an agent of it first.")
                % {"product": product.name}
            )
        return found

    def _tell(self, wanted: Wanted, summary: Summary, troubles: Troubles) -> None:
        say = self.stdout.write
        if wanted.dry_run:
            say(_("Dry run: nothing was written. What an import would do:"))
        count = summary.outcomes
        say(
            _("%(files)s files, %(folders)s folders without a page of their own; in the name of "
              "%(name)s.")
            % {"files": summary.files, "folders": summary.folders, "name": wanted.acting_user.name}
        )  # fmt: skip
        say(
            _("Pages: %(created)s new, %(updated)s updated, %(unchanged)s unchanged, %(edited)s "
              "edited here and left, %(refused)s refused; %(moved)s moved, %(published)s "
              "published.")
            % {
                "created": count[Outcome.CREATED], "updated": count[Outcome.UPDATED],
                "unchanged": count[Outcome.UNCHANGED], "edited": count[Outcome.EDITED],
                "refused": summary.refused, "moved": summary.moved,
                "published": summary.published,
            }
        )  # fmt: skip
        links = summary.links
        say(
            _("Links inside the manual: %(resolved)s of %(internal)s resolved; %(outside)s lead "
              "outside. Pictures and files: %(attached)s of %(all)s found.")
            % {
                "resolved": links.resolved, "internal": links.internal, "outside": links.outside,
                "attached": links.attached, "all": links.files,
            }
        )  # fmt: skip
        if summary.tags:
            tags = ", ".join(f"<{tag}> {n}×" for tag, n in summary.tags.most_common())
            say(_("HTML left out, its words kept: %(tags)s.") % {"tags": tags})
        if summary.other_sources:
            say(
                _("This manual has pages from %(sources)s already. If this folder is one of them "
                  "under a new name, import it with --source NAME instead.")
                % {"sources": ", ".join(summary.other_sources)}
            )  # fmt: skip
        self._tell_troubles(troubles)

    def _tell_troubles(self, troubles: Troubles) -> None:
        for kind, count in troubles.by_kind():
            of_kind = [one for one in troubles.found if one.kind == kind]
            self.stdout.write(f"{count}× {kind} {of_kind[0].remedy}")
            for one in of_kind[:_EXAMPLES]:
                self.stdout.write(f"    {one.place}  {one.value}")
            if count > _EXAMPLES:
                self.stdout.write(
                    "    " + _("… and %(count)s more; --errors FILE.csv lists all.")
                    % {"count": count - _EXAMPLES}
                )  # fmt: skip

    def _keep(self, path: Path, troubles: Troubles) -> None:
        try:
            with path.open("w", newline="", encoding="utf-8-sig") as file:
                lines = csv.writer(file)
                lines.writerow(("file", "line", "trouble", "value", "remedy", "left_out"))
                for one in troubles.found:
                    lines.writerow(
                        (harmless(one.path), one.line or "", one.kind, harmless(one.value),
                         one.remedy, "yes" if one.refuses else "")
                    )  # fmt: skip
        except OSError as error:
            raise CommandError(f"--errors {path}: {error.strerror}") from error
