"""Where the links and pictures of an imported text lead: to pages, to files, or nowhere."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from django.utils.text import slugify
from django.utils.translation import gettext as _

from docs_portal.importing.folder import Folder, SourceFile
from docs_portal.importing.problems import Troubles
from docs_portal.policies import anchors_for
from docs_portal.policies.links import file_link, is_outside, links_in, page_link, with_targets

#: Targets that are keys of this house already, as an export that kept them writes none.
_ENDINGS = (".md", ".markdown", ".html")
_LETTERS = re.compile(r"[\W_]+")


@dataclass
class Tally:
    """Links of an import, counted."""

    internal: int = 0
    resolved: int = 0
    outside: int = 0
    files: int = 0
    attached: int = 0


@dataclass(frozen=True)
class Linker:
    """Turns the targets of texts into keys. `pages` are ids of pages by path, `bodies` their texts
    by path; `attach` keeps a file and gives its id, or None where it is refused (and reported).
    """

    folder: Folder
    pages: Mapping[str, int]
    bodies: Mapping[str, str]
    attach: Callable[[SourceFile, Path, int], int | None]
    troubles: Troubles
    tally: Tally

    def linked(self, file: SourceFile, body: str) -> str:
        """The text of a file with keys for targets; what leads nowhere stays as it was."""
        lines = {(link.target, link.is_image): link.line for link in reversed([*links_in(body)])}
        images = {link.target for link in links_in(body) if link.is_image}

        def swapped(target: str) -> str:
            if is_outside(target):
                self.tally.outside += 1
                return target
            is_image = target in images
            line = _line(file, target, lines.get((target, is_image), 0))
            return self._target(file, body, target, line, is_image=is_image)

        return with_targets(body, swapped)

    def _target(
        self, file: SourceFile, body: str, target: str, line: int, *, is_image: bool
    ) -> str:
        path, _mark, anchor = target.partition("#")
        path = unquote(path.partition("?")[0])
        if not path:
            self.tally.internal += 1
            found = self._anchor(file, body, anchor, target, line)
            self.tally.resolved += found is not None
            return f"#{found}" if found is not None else target
        wanted = _within(file, path)
        if (name := self._page(wanted)) is not None and not is_image:
            self.tally.internal += 1
            self.tally.resolved += 1
            kept = self._anchor(file, self.bodies[name], anchor, target, line) if anchor else ""
            return page_link(self.pages[name], kept or "")
        return self._file(file, wanted, target, line, is_image=is_image)

    def _file(
        self, file: SourceFile, wanted: str, target: str, line: int, *, is_image: bool
    ) -> str:
        is_file = is_image or (posixpath.splitext(wanted)[1].lower() not in ("", *_ENDINGS))
        if is_file:
            self.tally.files += 1
        else:
            self.tally.internal += 1
        where = self.folder.file_at(wanted) if not wanted.startswith("../") else None
        if where is not None and is_file:
            if (pk := self.attach(file, where, line)) is None:
                return target
            self.tally.attached += 1
            return file_link(pk)
        if wanted.startswith("../"):
            kind = _("A picture or file lies outside the folder.") if is_file else _(
                "A link leads out of the folder."
            )  # fmt: skip
            remedy = _("Import the folder above, with --role SUBFOLDER=ROLE for its parts.")
        elif is_file:
            kind = _("A picture or file is not in the folder.")
            remedy = _("Put the file there and import again.")
        else:
            kind = _("A link leads to no file of the folder.")
            remedy = _("Correct the link and import again.")
        self.troubles.add(file.path, kind, target, remedy, line=line)
        return target

    def _page(self, wanted: str) -> str | None:
        """The file a path means: itself, without its ending, or the page of a folder."""
        stem, ending = posixpath.splitext(wanted)
        bare = stem if ending.lower() in _ENDINGS else wanted
        tried = (
            wanted, f"{bare}.md", f"{bare}.markdown", f"{wanted}/index.md", f"{wanted}/README.md",
            f"{wanted}/readme.md", f"{wanted}/",
        )  # fmt: skip
        return next((path for path in tried if path in self.pages), None)

    def _anchor(
        self, file: SourceFile, body: str, anchor: str, target: str, line: int
    ) -> str | None:
        """The anchor as our page has it; None (and reported) where no heading is called so."""
        known = anchors_for(body, None)
        said = unquote(anchor)
        wanted = _bare(said)
        for one in known:
            if said == one or slugify(said, allow_unicode=True) == one or _bare(one) == wanted:
                return one
        self.troubles.add(
            file.path, _("A link leads to no heading of its page."), target,
            _("The link leads to the page itself; name one of its headings."),
            line=line,
        )  # fmt: skip
        return None


def _bare(anchor: str) -> str:
    """An anchor without what houses disagree on: punctuation, case, numbers of repetition."""
    return _LETTERS.sub("", anchor.lower())


def _within(file: SourceFile, path: str) -> str:
    """A path as seen from the folder; one that leads out of it begins with `../`."""
    if path.startswith("/"):
        return posixpath.normpath(path.lstrip("/"))
    return posixpath.normpath(posixpath.join(file.folder, path))


def _line(file: SourceFile, target: str, otherwise: int) -> int:
    """The line of the file where a target stands first; where it was rewritten, about."""
    at = file.body.find(target)
    line = file.body.count("\n", 0, at) + 1 if at >= 0 else otherwise
    return line + file.lines_before
