"""Static files that are made rather than written: the icon sprite and the one style sheet.

Nothing here runs while a page is served. `collectstatic` (and the finders of a development
server) ask for the files; the browser sees plain files with hashed names.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.storage import HashedFilesMixin
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

from core import icons

SPRITE = "img/icons.svg"
STYLE_SHEET = "css/app.css"
_IMPORT = re.compile(r'@import url\("(?P<path>[^"]+)"\) layer\((?P<layer>[a-z]+)\);')

# Imports between our own modules get hashed names too. (Django's own setting for this would also
# read the packages' scripts, some of which import files they do not ship.)
_MODULE_IMPORTS = (
    (
        r'(?P<matched>import(?P<import>[\s{][^;]*?)\s*from\s*"(?P<url>\./[^"]+)"\s*;)',
        'import%(import)s from "%(url)s";',
    ),
    (r'(?P<matched>import\s*"(?P<url>\./[^"]+)"\s*;)', 'import "%(url)s";'),
)


class MadeFilesStorage(FileSystemStorage):
    """The folder in which made files lie until they are collected."""

    prefix = ""

    def __init__(self) -> None:
        super().__init__(location=Path(settings.DATA_DIR) / "made-static")

    def make(self) -> None:
        """Write the sprite unless it lies there already, whole at any moment."""
        file = Path(self.path(SPRITE))
        text = icons.sprite()
        if file.is_file() and file.read_text() == text:
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        half = file.with_suffix(".half")
        half.write_text(text)
        half.replace(file)


class MadeFilesFinder(BaseFinder):
    """Finds the files of `MadeFilesStorage`."""

    def __init__(self, app_names: object = None, *args: Any, **kwargs: Any) -> None:
        self.storage = MadeFilesStorage()
        super().__init__(*args, **kwargs)

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path != SPRITE:
            return []
        self.storage.make()
        found = self.storage.path(path)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        if not matches_patterns(SPRITE, ignore_patterns or ()):
            self.storage.make()
            yield SPRITE, self.storage


def bundle(sheet: str, read: Any) -> str:
    """The style sheet with its `@import`s put in their layers, without comments and idle space.

    `read(path)` gives the text of a file, its path relative to the sheet's folder.
    """

    def layer(found: re.Match[str]) -> str:
        return f"@layer {found['layer']} {{{read(found['path'])}}}"

    whole = _IMPORT.sub(layer, sheet)
    whole = re.sub(r"/\*.*?\*/", "", whole, flags=re.DOTALL)
    whole = re.sub(r"\s+", " ", whole)
    whole = re.sub(r"\s*([{};,])\s*", r"\1", whole).replace(";}", "}")
    # After a property's name; a space before a colon of a selector means something.
    return re.sub(r"([{;][-\w]+): ", r"\1:", whole).strip() + "\n"


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed names and compression, after the style sheet became one file: a page needs one
    request for its looks, while the sources stay one file per component."""

    patterns = (*HashedFilesMixin.patterns, ("js/*.js", _MODULE_IMPORTS))

    def post_process(
        self, paths: dict[str, tuple[Storage, str]], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        if STYLE_SHEET in paths and not dry_run:
            source, name = paths[STYLE_SHEET]
            folder = Path(name).parent

            def read(path: str) -> str:
                with source.open(str(folder / path)) as file:
                    return str(file.read().decode())

            whole = bundle(read(Path(name).name), read)
            self.delete(STYLE_SHEET)
            self._save(STYLE_SHEET, ContentFile(whole.encode()))
            paths = {**paths, STYLE_SHEET: (self, STYLE_SHEET)}
        yield from super().post_process(paths, dry_run, **options)
