"""A file of a page as the editor takes it up."""

from __future__ import annotations

from typing import Any

from core.markup import file_size
from docs_portal.models import PageFile
from docs_portal.rendering.markdown import file_address


def file_said(file: PageFile) -> dict[str, Any]:
    """Its name, its size in words, where it is served, and what puts it into the text."""
    address = file_address(file)
    return {
        "id": file.pk, "name": file.name, "size": file_size(file.file.size), "url": address,
        "kind": file.kind, "isDrawn": file.kind == "image", "markdown": markdown_of(file),
    }  # fmt: skip


def markdown_of(file: PageFile) -> str:
    """Pictures and videos in place, anything else to be downloaded."""
    stem = file.name.rpartition(".")[0] if file.kind == "image" else file.name
    words = (stem or file.name).translate(str.maketrans("[]", "  "))
    return f"{'' if file.kind == 'other' else '!'}[{words}]({file_address(file)})"
