"""A person's drafts of one ticket, as the composer takes them up."""

from __future__ import annotations

import json
from typing import Any

from django.urls import reverse

from core.markup import file_size
from tickets.models import Draft, DraftFile, SubmitDraftFile, Ticket

#: Pictures that a browser draws without running anything.
DRAWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
#: Larger pictures are named, not drawn small: they would be loaded whole for it.
DRAWN_BYTES = 4 * 1024 * 1024


def drafts_json(ticket: Ticket) -> str:
    """`{kind: {body, revision, files}}` of a ticket that was read with its drafts."""
    drafts: list[dict[str, Any]] = getattr(ticket, "own_drafts", [])
    return json.dumps(
        {
            draft["kind"]: {
                "body": draft["body"],
                "revision": draft["revision"],
                "files": [
                    _file(file["id"], file["name"], file["type"], file["size"])
                    for file in draft["files"]
                ],
            }
            for draft in drafts
        },
        ensure_ascii=False,
    )


def public_draft(ticket: Ticket) -> str:
    """The text of the unsent reply, which stands in the field without scripts too."""
    drafts: list[dict[str, Any]] = getattr(ticket, "own_drafts", [])
    return next((str(draft["body"]) for draft in drafts if draft["kind"] == "public"), "")


def draft_said(draft: Draft | None) -> dict[str, Any]:
    """One draft with its files, as a save that is refused answers it; revision 0 for none."""
    if draft is None:
        return {"body": "", "revision": 0, "files": []}
    files = draft.files.select_related("file").order_by("pk")
    return {
        "body": draft.body,
        "revision": draft.revision,
        "files": [file_said(file) for file in files],
    }


def file_said(file: DraftFile) -> dict[str, Any]:
    """A waiting file: its name, its size in words, where it is shown and where it is removed."""
    return _file(file.pk, file.name, file.content_type, file.file.size)


def submit_file_said(file: SubmitDraftFile) -> dict[str, Any]:
    """The same of a file that waits with a ticket that is being written."""
    said = _file(file.pk, file.name, file.content_type, file.file.size)
    return said | {
        "url": reverse("submit_file", args=[file.pk, file.name]),
        "remove": reverse("submit_file_remove", args=[file.pk]),
    }


def _file(pk: int, name: str, content_type: str, size: int) -> dict[str, Any]:
    return {
        "id": pk,
        "name": name,
        "size": file_size(size),
        "url": reverse("draft_file", args=[pk, name]),
        "remove": reverse("draft_file_remove", args=[pk]),
        "isDrawn": content_type in DRAWN and size <= DRAWN_BYTES,
    }
