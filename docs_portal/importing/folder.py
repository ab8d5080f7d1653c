"""A folder of Markdown files as it stands on disk: texts, titles, order, and what lies beside."""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from docs_portal.importing.problems import FolderProblem, Troubles
from docs_portal.rendering.exporting import OWN_MARKDOWN

#: A file of one of these names is the page of its folder.
INDEX_NAMES = ("index", "readme", "_index")
_ENDINGS = (".md", ".markdown")
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_ENTRY = re.compile(r"^([A-Za-z_]+)[ \t]*:[ \t]*(.*?)[ \t]*$")
_TITLE = re.compile(r"\A\s*(?:<!--.*?-->\s*)*#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|\Z)", re.DOTALL)
_UNDERLINED = re.compile(r"\A\s*([^\n#>*+\-|][^\n]*)\n=+[ \t]*(?:\n|\Z)")
_ATTRIBUTES = re.compile(r"[ \t]*\{[:#.][^}\n]*\}[ \t]*$")
_MARKS = re.compile(r"[*_`]+|!?\[([^\]]*)\]\([^)]*\)")
_NUMBERS = re.compile(r"(\d+)")
#: Bytes of one text; far more than a page may have.
_LARGEST = 4_000_000


@dataclass
class SourceFile:
    """One Markdown file: its path in the folder, its title, and its text without that title."""

    path: str
    title: str
    body: str
    #: Lines of the file before the text, so that troubles name the line of the file.
    lines_before: int = 0
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def is_ours(self) -> bool:
        """Whether the text is in our Markdown, as an export wrote it."""
        return bool(self.settings.get("markdown") == OWN_MARKDOWN)

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.path)

    @property
    def is_index(self) -> bool:
        stem = posixpath.splitext(posixpath.basename(self.path))[0]
        return stem.lower() in INDEX_NAMES


@dataclass(frozen=True)
class Folder:
    """What was read: the Markdown files in order, by their path, and where the folder is."""

    root: Path
    files: dict[str, SourceFile]

    def file_at(self, path: str) -> Path | None:
        """A file inside the folder that is no Markdown; None where there is none, or elsewhere."""
        whole = (self.root / path).resolve()
        if not whole.is_relative_to(self.root.resolve()) or not whole.is_file():
            return None
        return whole

    def folders(self) -> list[str]:
        """Every folder with a Markdown file in or below it, those above first; "" is the root."""
        found = {""}
        for file in self.files.values():
            folder = file.folder
            while folder:
                found.add(folder)
                folder = posixpath.dirname(folder)
        return sorted(found, key=lambda folder: (folder.count("/"), natural(folder)))


def read_folder(root: Path, troubles: Troubles) -> Folder:
    """Every Markdown file in and below a folder; hidden ones are left alone.

    Raises FolderProblem where there is no such folder or no Markdown in it.
    """
    if not root.is_dir():
        raise FolderProblem(
            _("“%(folder)s” is no folder. Give the folder that holds the Markdown files.")
            % {"folder": root}
        )
    files: dict[str, SourceFile] = {}
    for path in sorted(
        root.rglob("*"), key=lambda path: natural(path.relative_to(root).as_posix())
    ):
        inside = path.relative_to(root)
        if path.suffix.lower() not in _ENDINGS or any(
            part.startswith(".") for part in inside.parts
        ):
            continue
        # A link may lead out of the folder; only what lies in it was given to us.
        if not path.is_file() or not path.resolve().is_relative_to(root.resolve()):
            continue
        if (text := _text_of(path, inside.as_posix(), troubles)) is not None:
            files[inside.as_posix()] = _read(inside.as_posix(), text)
    if not files:
        raise FolderProblem(
            _("“%(folder)s” has no Markdown file (.md, .markdown) that can be read.")
            % {"folder": root}
        )
    return Folder(root, files)


def _text_of(path: Path, name: str, troubles: Troubles) -> str | None:
    if path.stat().st_size > _LARGEST:
        troubles.add(
            name, _("The file is too large."), str(path.stat().st_size), _("Split it."),
            refuses=True,
        )  # fmt: skip
        return None
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    troubles.add(
        name, _("The file is no text in UTF-8 or GB 18030."), name, _("Save it as UTF-8."),
        refuses=True,
    )  # fmt: skip
    return None


def _read(path: str, text: str) -> SourceFile:
    settings: dict[str, Any] = {}
    rest = text
    if match := _FRONT.match(text):
        settings = _entries(match[1])
        rest = text[match.end() :]
    if settings.get("markdown") == OWN_MARKDOWN:
        body = rest.removeprefix("\n")
        before = text[: len(text) - len(body)].count("\n")
        title = str(settings.get("title", "")) or _named(path)
        return SourceFile(path, title[:160], body, before, settings)
    title = str(settings.get("title", "") or "")
    heading = _TITLE.match(rest) or _UNDERLINED.match(rest)
    if heading is not None:
        own = plain_title(heading[1])
        # A first heading that says something else than the title stays in the text.
        if not title or own == title:
            title, rest = own or title, rest[heading.end() :]
    body = rest.lstrip("\n")
    before = text[: len(text) - len(body)].count("\n")
    return SourceFile(path, (title or _named(path))[:160], body.rstrip() + "\n", before, settings)


def plain_title(text: str) -> str:
    """A heading's words without marks and attributes."""
    return " ".join(_MARKS.sub(r"\1", _ATTRIBUTES.sub("", text)).split())


def _entries(text: str) -> dict[str, Any]:
    """`key: value` lines; a value in the form of JSON is read as such, others as words."""
    found: dict[str, Any] = {}
    for line in text.splitlines():
        if (match := _ENTRY.match(line)) is None:
            continue
        value: Any = match[2]
        try:
            value = json.loads(value)
        except ValueError:
            value = value.strip("'\"")
        found[match[1].lower()] = value
    return found


def _named(path: str) -> str:
    """What a file or folder is called where nothing in it says so."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    if stem.lower() in INDEX_NAMES:
        stem = posixpath.basename(posixpath.dirname(path)) or stem
    return folder_title(stem)


def folder_title(name: str) -> str:
    """The words of a file's or folder's name: `01-user_guide` is “user guide”."""
    words = re.sub(r"^\d+[-_. ]+(?=\D)", "", name)
    return " ".join(re.sub(r"[-_]+", " ", words).split()) or name


def _place(path: Path) -> list[tuple[int, int, str]]:
    return natural(path.as_posix())


def natural(path: str) -> list[tuple[int, int, str]]:
    """Sorts `2-b` before `10-a`, and a folder's own page before what is in it."""
    key: list[tuple[int, int, str]] = []
    for part in path.lower().split("/"):
        is_index = posixpath.splitext(part)[0] in INDEX_NAMES
        key.append((0 if is_index else 1, 0, ""))
        key.extend(
            (1, int(piece), "") if piece.isdecimal() else (2, 0, piece)
            for piece in _NUMBERS.split(part)
            if piece
        )
    return key
