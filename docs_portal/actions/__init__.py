"""The only writers of manuals. Each action: guard, change, event, outbox, poke."""

from docs_portal.actions.reading import record_missing_page, record_read
from docs_portal.actions.writing import (
    PageDraft,
    RevisionDraft,
    create_page,
    publish_page,
    retire_page,
    save_revision,
)

__all__ = [
    "PageDraft",
    "RevisionDraft",
    "create_page",
    "publish_page",
    "record_missing_page",
    "record_read",
    "retire_page",
    "save_revision",
]
