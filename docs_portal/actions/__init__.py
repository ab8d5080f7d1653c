"""The only writers here. Each action: guard, change, event, outbox, poke."""

from docs_portal.actions.announcing import (
    AnnouncementDraft,
    acknowledge_announcement,
    create_announcement,
    dismiss_announcement,
    edit_announcement,
    note_reached,
    publish_announcement,
    publish_due_announcements,
    read_announcement,
    remind_announcement,
    tell_audience,
    tell_newcomers,
    withdraw_announcement,
)
from docs_portal.actions.illustrating import (
    add_announcement_files,
    add_poster_place,
    count_scan,
    remove_announcement_file,
)
from docs_portal.actions.indexing import (
    index_page,
    index_pages,
    pages_to_index,
    record_search_miss,
    unindex_page,
    wrong_sections,
)
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
    "AnnouncementDraft",
    "PageDraft",
    "RevisionDraft",
    "acknowledge_announcement",
    "add_announcement_files",
    "add_poster_place",
    "count_scan",
    "create_announcement",
    "create_page",
    "dismiss_announcement",
    "edit_announcement",
    "index_page",
    "index_pages",
    "note_reached",
    "pages_to_index",
    "publish_announcement",
    "publish_due_announcements",
    "publish_page",
    "read_announcement",
    "record_missing_page",
    "record_read",
    "record_search_miss",
    "remind_announcement",
    "remove_announcement_file",
    "retire_page",
    "save_revision",
    "tell_audience",
    "tell_newcomers",
    "unindex_page",
    "withdraw_announcement",
    "wrong_sections",
]
