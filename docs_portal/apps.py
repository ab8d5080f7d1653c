"""Manuals, pages, revisions and who reads them."""

from django.apps import AppConfig

from core.registry import (
    register_job,
    register_notice,
    register_notice_group,
    register_search,
    register_suggestions,
    register_verifier,
)


class DocsPortalConfig(AppConfig):
    name = "docs_portal"

    def ready(self) -> None:
        # Models must be loaded before what reads them.
        from docs_portal import actions, jobs  # noqa: PLC0415
        from docs_portal.notifications import GROUPS, KINDS  # noqa: PLC0415
        from docs_portal.search import PageSearch  # noqa: PLC0415
        from docs_portal.suggest import PageSuggestions  # noqa: PLC0415

        register_search(PageSearch())
        register_suggestions(PageSuggestions())
        register_verifier("page sections equal what is published", actions.wrong_sections)
        for kind, notice_kind in KINDS.items():
            register_notice(kind, notice_kind)
        for group in GROUPS:
            register_notice_group(group)
        register_job("docs_portal.tell_announcement", jobs.tell_announcement)
