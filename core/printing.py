"""PDF from a template of ours and data: what a page looks like on paper.

A template is a Typst file below templates/print/; it reads its data as `json("data.json")`, so that
no word of a person is ever markup. Templates import what they share (`SHARED`).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.errors import Problem, Refused

#: The first of these that the machine has is used; each draws Chinese and Latin.
FAMILIES = (
    "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
)  # fmt: skip
TEMPLATES = Path(settings.BASE_DIR) / "templates" / "print"
#: What templates import.
SHARED = ("house.typ", "text.typ")
#: Seconds one document may take.
PATIENCE = 60
#: Documents one process sets at a time, and seconds the next one waits for its turn: whoever only
#: reads pages is not kept waiting by whoever prints.
AT_ONCE, TURN = 2, 10
_turns = threading.BoundedSemaphore(AT_ONCE)


class NoFontError(Refused):
    """The machine has no font with Chinese characters: a PDF would be full of boxes."""

    status = 503


class PrintingBusy(Refused):
    """Others are printing; setting one more would hold up everybody."""

    code = "printing_busy"
    status = 503
    title = _("This cannot be printed at the moment.")


class PaperTooLong(Refused):
    """The document holds more than can be set while somebody waits."""

    code = "paper_too_long"
    status = 422
    title = _("This is too long to print in one piece.")


class SettingError(Exception):
    """A template could not be set. A fault of ours: the message is what Typst says."""


class BrokenPictures(Exception):
    """Pictures among the files cannot be drawn; the document can be set without them."""

    def __init__(self, names: Collection[str]) -> None:
        super().__init__(*names)
        self.names = frozenset(names)


def pdf(template: str, data: Mapping[str, Any], files: Mapping[str, bytes] | None = None) -> bytes:
    """The PDF of templates/print/`template`. `files` (name → bytes) lie beside the data.

    Raises NoFontError, PrintingBusy, BrokenPictures, SettingError, PaperTooLong after a minute.
    """
    with _turn(), tempfile.TemporaryDirectory(prefix="opsdesk-print-") as place:
        here = Path(place)
        (here / "main.typ").write_bytes((TEMPLATES / template).read_bytes())
        for shared in SHARED:
            (here / shared).write_bytes((TEMPLATES / shared).read_bytes())
        for name, content in (files or {}).items():
            (here / Path(name).name).write_bytes(content)
        house = {"font": font(), "language": get_language() or settings.LANGUAGE_CODE}
        (here / "data.json").write_text(
            json.dumps({**data, "house": house}, cls=DjangoJSONEncoder, ensure_ascii=False),
            encoding="utf-8",
        )
        _set(place)
        return (here / "out.pdf").read_bytes()


@contextmanager
def _turn() -> Iterator[None]:
    """One of the few places at the press. Raises PrintingBusy."""
    if not _turns.acquire(timeout=TURN):
        raise PrintingBusy(
            Problem("", _("Others are printing right now."), _("Try again in a minute."))
        )
    try:
        yield
    finally:
        _turns.release()


def _set(place: str) -> None:
    """Typst, in a process of its own that can be ended. Raises as `pdf`."""
    try:
        answer = subprocess.run(
            [sys.executable, "-m", "core.typesetting", place],
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as slow:
        raise PaperTooLong(
            Problem(
                "",
                _("It was not done after %(seconds)s seconds.") % {"seconds": PATIENCE},
                _("Print a part of it."),
            )
        ) from slow
    if answer.returncode == 4:
        raise BrokenPictures(answer.stdout.splitlines())
    if answer.returncode:
        raise SettingError(answer.stderr.strip() or f"ended with {answer.returncode}")


@cache
def font() -> str:
    """The font that PDFs are set in. Raises NoFontError where the machine has none."""
    found = subprocess.run(
        [sys.executable, "-c", "import typst; print(*typst.Fonts().families(), sep='\\n')"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    ).stdout.splitlines()
    for family in FAMILIES:
        if family in found:
            return family
    raise NoFontError(
        Problem(
            "font",
            _("This server has no font with Chinese characters, so it cannot make a PDF."),
            _("Ask who runs it to install Noto Sans CJK (package fonts-noto-cjk)."),
        )
    )
