"""One import of a folder: every file a page in its place, links between them by key."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Module, Product, ProductRole
from core.errors import BadInput, Refused
from core.uploads import wrong_with
from docs_portal.actions.attaching import ACCEPTED, VIDEOS, add_page_file
from docs_portal.actions.importing import (
    Origin,
    Outcome,
    adopt_page,
    begin_import,
    finish_import,
    place_import,
)
from docs_portal.actions.writing import PageDraft, RevisionDraft
from docs_portal.choices import PageKind
from docs_portal.importing.dialect import Converted, converted
from docs_portal.importing.folder import Folder, SourceFile, read_folder
from docs_portal.importing.links import Linker, Tally
from docs_portal.importing.places import Places, address_of
from docs_portal.importing.problems import Troubles
from docs_portal.models import ImportedPage, Page, PageFile
from docs_portal.policies.links import page_link


class _Rehearsed(Exception):
    """Takes back what a dry run wrote."""


@dataclass(frozen=True)
class Wanted:
    """What is imported, for whom and how. `parts` are roles of subfolders, by their path."""

    folder: Path
    product: Product
    acting_user: User
    now: dt.datetime
    role: ProductRole | None = None
    parts: Mapping[str, ProductRole] = field(default_factory=dict)
    source: str = ""
    kind: str = PageKind.FEATURE_GUIDE
    publishes: bool = True
    overwrites: bool = False
    is_material: bool = True
    dry_run: bool = False

    @property
    def origin(self) -> tuple[str, str]:
        return self.source or self.folder.resolve().name, self.role.code if self.role else ""


@dataclass
class Summary:
    """What an import did, counted; `gone` are pages whose file is no longer in the folder."""

    files: int = 0
    folders: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    published: int = 0
    moved: int = 0
    refused: int = 0
    links: Tally = field(default_factory=Tally)
    tags: Counter[str] = field(default_factory=Counter)
    gone: list[str] = field(default_factory=list)
    other_sources: list[str] = field(default_factory=list)


Progress = Callable[[int, int], None]


class Importer:
    """Reads the folder, begins every page, then finishes each: all of it or nothing."""

    def __init__(self, wanted: Wanted, troubles: Troubles, progress: Progress) -> None:
        self.wanted, self.troubles, self.progress = wanted, troubles, progress
        self.summary = Summary()
        self.roles = {
            role.code: role for role in ProductRole.objects.filter(product=wanted.product)
        }
        self.modules = {row.name: row for row in Module.objects.filter(product=wanted.product)}
        self.imported: dict[str, ImportedPage] = {}

    def run(self) -> Summary:
        """Import the folder. Raises FolderProblem where there is nothing to import."""
        folder = read_folder(self.wanted.folder, self.troubles)
        try:
            with transaction.atomic():
                self._import(folder)
                if self.wanted.dry_run:
                    raise _Rehearsed
        except _Rehearsed:
            pass
        return self.summary

    def _import(self, folder: Folder) -> None:
        places = Places(folder, self.wanted.role, self.wanted.parts)
        self.summary.files = len(folder.files)
        self.summary.folders = len(places.made)
        self.summary.refused = sum(1 for one in self.troubles.found if one.refuses)
        files = {**folder.files, **places.made}
        self._know()
        total = 2 * len(files)
        bodies: dict[str, str] = {}
        begun: dict[str, ImportedPage] = {}
        for done, path in enumerate(places.order, start=1):
            file = files[path]
            text = Converted(file.body) if file.is_ours else converted(file.body)
            self.summary.tags += text.left_out
            bodies[path] = text.body
            if (row := self._begin(files[path], text.body, places, begun)) is not None:
                begun[path] = row
            self.progress(done, total)
        linker = Linker(
            folder, {path: row.page_id for path, row in begun.items()}, bodies,
            self._attacher(begun), self.troubles, self.summary.links,
        )  # fmt: skip
        for done, (path, row) in enumerate(begun.items(), start=len(files) + 1):
            self._finish(files[path], row, places, begun, linker)
            self.progress(done, total)
        self._tell_gone(begun)

    def _know(self) -> None:
        source, role_code = self.wanted.origin
        rows = ImportedPage.objects.filter(page__manual__product=self.wanted.product)
        for row in rows.select_related("page"):
            if (row.source, row.role_code) == (source, role_code):
                self.imported[row.path] = row
            elif row.source not in (source, *self.summary.other_sources):
                self.summary.other_sources.append(row.source)
        if self.imported:
            self.summary.other_sources.clear()

    def _begin(
        self, file: SourceFile, body: str, places: Places, begun: Mapping[str, ImportedPage]
    ) -> ImportedPage | None:
        if (known := self.imported.get(file.path) or self._own(file)) is not None:
            return known
        roles = self._roles_of(file, places)
        if roles is None:
            return None
        above = places.parent_of(file.path)
        draft = PageDraft(
            product=self.wanted.product, title=file.title,
            body=body if body.strip() else file.title, roles=roles,
            kind=self._kind_of(file), slug=self._slug_of(file, places, roles),
            module=self._module_of(file), parent=begun[above].page if above in begun else None,
            position=places.position_of(file.path),
        )  # fmt: skip
        try:
            with transaction.atomic():
                return begin_import(
                    draft, self._origin(file), acting_user=self.wanted.acting_user,
                    now=self.wanted.now,
                )  # fmt: skip
        except Refused as refusal:
            self._refuse(file, refusal)
            return None

    def _own(self, file: SourceFile) -> ImportedPage | None:
        """The page of this manual that the file was exported from."""
        pk, code = file.settings.get("page"), file.settings.get("product")
        if not isinstance(pk, int) or code != self.wanted.product.code:
            return None
        page = Page.objects.filter(
            pk=pk, manual__product=self.wanted.product, slug=file.settings.get("slug", "")
        ).first()
        return adopt_page(page, self._origin(file), now=self.wanted.now) if page else None

    def _origin(self, file: SourceFile) -> Origin:
        source, role_code = self.wanted.origin
        return Origin(source, role_code, file.path)

    def _finish(
        self, file: SourceFile, row: ImportedPage, places: Places,
        begun: Mapping[str, ImportedPage], linker: Linker,
    ) -> None:  # fmt: skip
        roles = self._roles_of(file, places)
        if roles is None:
            return
        if file.path in places.made:
            body = _list_of(file.path, places, begun)
        else:
            body = linker.linked(file, linker.bodies[file.path])
        draft = RevisionDraft(
            title=file.title, body=body if body.strip() else file.title, based_on=0,
            note=(_("Imported from %(path)s") % {"path": file.path})[:200],
            is_material=self.wanted.is_material, roles=roles,
        )  # fmt: skip
        above = places.parent_of(file.path)
        parent = begun[above].page if above in begun else None
        try:
            with transaction.atomic():
                outcome, published = finish_import(
                    row, draft, acting_user=self.wanted.acting_user, now=self.wanted.now,
                    publishes=self.wanted.publishes and file.settings.get("status") != "draft",
                    overwrites=self.wanted.overwrites,
                )  # fmt: skip
                self.summary.moved += place_import(
                    row.page, parent, acting_user=self.wanted.acting_user, now=self.wanted.now
                )
        except Refused as refusal:
            self._refuse(file, refusal)
            return
        self.summary.outcomes[outcome] += 1
        self.summary.published += published
        if outcome is Outcome.EDITED:
            self.troubles.add(
                file.path, _("The page was edited here since its last import."), row.page.title,
                _("It stays as it is; --overwrite gives it the folder's text as a new revision."),
            )  # fmt: skip

    def _attacher(
        self, begun: Mapping[str, ImportedPage]
    ) -> Callable[[SourceFile, Path, int], int | None]:
        def attach(file: SourceFile, where: Path, line: int) -> int | None:
            content = where.read_bytes()
            if (same := self._own_file(file, where, content)) is not None:
                return same
            upload = SimpleUploadedFile(where.name, content)
            try:
                if not self.wanted.dry_run:
                    return add_page_file(
                        begun[file.path].page, upload, acting_user=self.wanted.acting_user,
                        now=self.wanted.now,
                    ).pk  # fmt: skip
                is_video = where.suffix.lower().lstrip(".") in VIDEOS
                largest = settings.VIDEO_MAX_BYTES if is_video else settings.ATTACHMENT_MAX_BYTES
                if problem := wrong_with(upload, ACCEPTED, largest=largest):
                    raise BadInput(problem)
            except Refused as refusal:
                for problem in refusal.problems:
                    self.troubles.add(
                        file.path, _("A picture or file is refused."), str(problem.message),
                        str(problem.remedy), line=line,
                    )  # fmt: skip
                return None
            return 0

        return attach

    def _own_file(self, file: SourceFile, where: Path, content: bytes) -> int | None:
        """The file of this manual that an export wrote to `files/<id>/`, where it is the same."""
        said = where.parent.name
        if not (file.is_ours and file.settings.get("product") == self.wanted.product.code):
            return None
        if not (said.isascii() and said.isdigit() and len(said) < 19):
            return None
        known = PageFile.objects.filter(
            pk=int(said), page__manual__product=self.wanted.product,
            file__sha256=hashlib.sha256(content).hexdigest(),
        )  # fmt: skip
        return known.values_list("pk", flat=True).first()

    def _roles_of(self, file: SourceFile, places: Places) -> list[ProductRole] | None:
        """For whom a file is; None (and refused) where it names roles nobody knows."""
        said = file.settings.get("roles")
        if said is None:
            role = places.role_of(file.path)
            return [role] if role is not None else []
        codes = said if isinstance(said, list) else str(said).replace(",", " ").split()
        unknown = [str(code) for code in codes if code not in self.roles]
        if unknown:
            self.troubles.add(
                file.path, _("The product has no such role."), ", ".join(unknown),
                _("Use one of: %(codes)s.") % {"codes": ", ".join(sorted(self.roles)) or "–"},
                refuses=True,
            )  # fmt: skip
            self.summary.refused += 1
            return None
        return [self.roles[code] for code in codes]

    def _kind_of(self, file: SourceFile) -> str:
        said = str(file.settings.get("kind", "") or "")
        if said in PageKind.values:
            return said
        is_front = file.is_index and not file.folder and not file.path.endswith("/")
        return PageKind.INTRODUCTION if is_front else self.wanted.kind

    def _module_of(self, file: SourceFile) -> Module | None:
        said = str(file.settings.get("module", "") or "")
        if said and said not in self.modules:
            self.troubles.add(
                file.path, _("The product has no such module."), said,
                _("Create it in the settings and import again."),
            )  # fmt: skip
        return self.modules.get(said)

    def _slug_of(self, file: SourceFile, places: Places, roles: list[ProductRole]) -> str:
        """An address nobody of the same roles has; one taken gets the folder's name before it."""
        wanted = str(file.settings.get("slug", "") or "") or places.slug_of(file.path)
        held = {role.pk for role in roles}
        tried, number = wanted, 1
        while self._is_taken(tried, held):
            number += 1
            tried = f"{self.wanted.origin[0]}-{wanted}" if number == 2 else f"{wanted}-{number}"
        return tried

    def _is_taken(self, slug: str, roles: set[int]) -> bool:
        same = Page.objects.filter(
            manual__product=self.wanted.product, slug=address_of(slug)
        ).prefetch_related("roles")
        theirs = [{role.pk for role in page.roles.all()} for page in same]
        return any(roles == held == set() or roles & held for held in theirs)

    def _refuse(self, file: SourceFile, refusal: Refused) -> None:
        self.troubles.add_refusal(file.path, refusal.problems)
        self.summary.refused += 1

    def _tell_gone(self, begun: Mapping[str, ImportedPage]) -> None:
        refused = {one.path for one in self.troubles.found if one.refuses}
        for path, row in self.imported.items():
            if path not in begun and path not in refused:
                self.summary.gone.append(path)
                self.troubles.add(
                    path, _("A page's file is no longer in the folder."), row.page.title,
                    _("The page stays; retire it where it is no longer true."),
                )  # fmt: skip


def _list_of(path: str, places: Places, begun: Mapping[str, ImportedPage]) -> str:
    """The text of a folder without a page of its own: what stands in it, as far as everybody who
    reads it may know.
    """
    return "\n".join(
        f"- [{_plain(places.title_of(below))}]({page_link(begun[below].page_id)})"
        for below in places.below(path)
        if below in begun and places.shows(path, below)
    )


def _plain(title: str) -> str:
    return title.replace("[", "(").replace("]", ")")
