"""Files people send: under which name they are kept, and which are refused.

What an area accepts is its own table; how a name is cleaned and a file looked at stands here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from core.errors import Problem
from core.sniffing import SNIFFED, begins_as

NAME_MAX = 200
#: What a file system or a header could take for something else.
_UNSAFE = str.maketrans(dict.fromkeys('<>:"|?*;', "_"))


def ending_of(name: str) -> str:
    return name.rsplit(".", 1)[-1].lower() if "." in name else ""


def kept_name(name: str) -> str:
    """`name` as it is kept: no folders, nothing invisible or turned round, 200 characters at most.

    A right-to-left override would let `gnp.exe` read as `exe.png`; such marks are left out. Of a
    long name the ending stays.
    """
    last = re.split(r"[/\\\\]", name)[-1]
    seen = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    plain = " ".join(seen.translate(_UNSAFE).split()).strip(". ")
    if len(plain) > NAME_MAX:
        stem, dot, ending = plain.rpartition(".")
        plain = f"{stem[: NAME_MAX - len(ending) - 2].rstrip()}…{dot}{ending}"
    return plain or "file"


def wrong_with(
    file: UploadedFile, accepted: Mapping[str, str], *, largest: int, field: str = "files"
) -> Problem | None:
    """Why a file is refused: its type, its size in bytes, or what it is inside; None for nothing.

    `accepted` maps an ending to the content type that such a file is served with.
    """
    name, size = kept_name(file.name or ""), file.size or 0
    ending = ending_of(name)
    if ending not in accepted:
        return Problem(
            field, _("“%(name)s” is of a type that is not accepted.") % {"name": name},
            _("Accepted: %(endings)s.") % {"endings": ", ".join(accepted)}, name,
        )  # fmt: skip
    if size > largest:
        return Problem(
            field, _("“%(name)s” is too large.") % {"name": name},
            _("One file may have %(size)s.") % {"size": filesizeformat(largest)},
            filesizeformat(size),
        )  # fmt: skip
    if size == 0:
        return Problem(
            field, _("“%(name)s” is empty.") % {"name": name},
            _("Choose a file that has content."), name,
        )  # fmt: skip
    if not begins_as(ending, _beginning(file)):
        return Problem(
            field, _("“%(name)s” is no %(ending)s file inside.") % {"name": name, "ending": ending},
            _("Save it in that format again, or give it the ending of what it is."), name,
        )  # fmt: skip
    return None


def _beginning(file: UploadedFile) -> bytes:
    file.seek(0)
    found: bytes = file.read(SNIFFED)
    file.seek(0)
    return found
