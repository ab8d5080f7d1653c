"""A manual as a folder of Markdown: what `import_manual` reads back to the same manual."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.conf import settings
from django.db.models import QuerySet

from catalog.models import Product
from core import files as stored_files
from docs_portal.choices import PageStatus
from docs_portal.models import Page, PageFile, Revision
from docs_portal.policies.links import file_in, page_in, with_anchor, with_targets
from docs_portal.rendering.markdown import Targets, targets_of
from docs_portal.rendering.pages import Branch, tree

#: Says that a file is in our own Markdown, which an import takes as it stands.
OWN_MARKDOWN = "opsdesk"
#: Zip archives know no earlier time; the same manual is the same file, whenever it is exported.
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class ExportedPage:
    """One page with the text that goes out: the published one, else the newest draft."""

    page: Page
    revision: Revision
    path: str
    position: int


def exported_pages(product: Product) -> list[ExportedPage]:
    """Every page of the manual but retired ones, in the order of the tree, with their paths."""
    pages: QuerySet[Page] = (
        Page.objects.filter(manual__product=product)
        .exclude(status=PageStatus.RETIRED)
        .select_related("published_revision", "module")
        .prefetch_related("roles")
        .order_by("position", "pk")
    )
    drafts = Revision.objects.filter(page__in=pages, page__published_revision=None)
    newest = {row.page_id: row for row in drafts.order_by("number")}
    found: list[ExportedPage] = []
    for path, position, page in _placed(tree(pages), ""):
        revision = page.published_revision or newest.get(page.pk)
        if revision is not None:
            found.append(ExportedPage(page, revision, path, position))
    return found


def _placed(branches: list[Branch], folder: str) -> Iterator[tuple[str, int, Page]]:
    """A page with others below it is the index of a folder; names are told apart by roles."""
    taken: set[str] = set()
    for position, branch in enumerate(branches, start=1):
        roles = sorted(role.code for role in branch.page.roles.all())
        name = branch.page.slug
        if name in taken or name.lower() in ("index", "readme", "_index"):
            name = f"{name}.{'.'.join(roles) or 'all'}"
        while name in taken:
            name += "+"
        taken.add(name)
        place = posixpath.join(folder, name)
        yield f"{place}/index.md" if branch.below else f"{place}.md", position, branch.page
        yield from _placed(branch.below, place)


def write_manual(product: Product, out: IO[bytes]) -> tuple[int, int]:
    """Write the manual as a zip archive; how many pages and files it holds."""
    pages = exported_pages(product)
    targets = targets_of(one.revision.body for one in pages)
    paths = {one.page.pk: one.path for one in pages}
    files: dict[int, PageFile] = {}
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for one in pages:
            text = _text(product, one, paths, targets, files)
            archive.writestr(_entry(one.path, ZIP_DEFLATED), text)
        for file in files.values():
            entry = _entry(_file_path(file), ZIP_STORED)
            with stored_files.open_stored(file.file) as content, archive.open(entry, "w") as part:
                for chunk in content.chunks():
                    part.write(chunk)
    return len(pages), len(files)


def _entry(path: str, method: int) -> ZipInfo:
    entry = ZipInfo(path, _EPOCH)
    entry.compress_type = method
    entry.external_attr = 0o644 << 16
    return entry


def _file_path(file: PageFile) -> str:
    return f"files/{file.pk}/{file.name}"


def _text(
    product: Product, one: ExportedPage, paths: Mapping[int, str], targets: Targets,
    files: dict[int, PageFile],
) -> str:  # fmt: skip
    page, folder = one.page, posixpath.dirname(one.path)

    def relative(path: str) -> str:
        return quote(posixpath.relpath(path, folder or "."), safe="/.-_~")

    def outward(target: str) -> str:
        if (key := page_in(target)) is not None:
            if key[0] in paths:
                return with_anchor(relative(paths[key[0]]), key[1])
            address = targets.address(target)
            return settings.BASE_URL.rstrip("/") + address if address else target
        if (pk := file_in(target)) is not None and pk in targets.files:
            files[pk] = targets.files[pk]
            return relative(_file_path(files[pk]))
        return target

    head: dict[str, Any] = {
        "title": one.revision.title, "slug": page.slug, "kind": page.kind,
        "position": one.position, "markdown": OWN_MARKDOWN, "product": product.code,
        "page": page.pk,
    }  # fmt: skip
    if roles := sorted(role.code for role in page.roles.all()):
        head["roles"] = roles
    if page.module is not None:
        head["module"] = page.module.name
    if page.published_revision_id is None:
        head["status"] = "draft"
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items())
    front = "\n".join(lines)
    body = with_targets(one.revision.body, outward)
    return f"---\n{front}\n---\n\n{body}"
