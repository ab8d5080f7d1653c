"""Manuals, pages, revisions and who reads them."""

from django.apps import AppConfig

from core.registry import (
    register_first_step,
    register_job,
    register_notice,
    register_notice_group,
    register_search,
    register_settings,
    register_suggestions,
    register_verifier,
)


class DocsPortalConfig(AppConfig):
    name = "docs_portal"

    def ready(self) -> None:
        # Models must be loaded before what reads them.
        from docs_portal import jobs  # noqa: PLC0415
        from docs_portal.actions.indexing import wrong_sections  # noqa: PLC0415
        from docs_portal.notifications import GROUPS, KINDS  # noqa: PLC0415
        from docs_portal.policies.debt import register_debt_source  # noqa: PLC0415
        from docs_portal.rendering.debt import SOURCES  # noqa: PLC0415
        from docs_portal.rendering.first_steps import (  # noqa: PLC0415
            FIRST_STEPS,
            MANUALS_PLACE,
        )
        from docs_portal.rendering.training_notices import (  # noqa: PLC0415
            TRAINING_GROUPS,
            TRAINING_KINDS,
        )
        from docs_portal.search import PageSearch  # noqa: PLC0415
        from docs_portal.suggest import PageSuggestions  # noqa: PLC0415

        register_settings(MANUALS_PLACE)
        for step in FIRST_STEPS:
            register_first_step(step)
        register_search(PageSearch())
        for source in SOURCES:
            register_debt_source(source)
        register_suggestions(PageSuggestions())
        register_verifier("page sections equal what is published", wrong_sections)
        for kind, notice_kind in KINDS.items():
            register_notice(kind, notice_kind)
        for kind, training_kind in TRAINING_KINDS.items():
            register_notice(kind, training_kind)
        for group in TRAINING_GROUPS:
            register_notice_group(group)
        register_job("docs_portal.enrol", jobs.enrol)
        register_job("docs_portal.ask_again", jobs.ask_again)
        for group in GROUPS:
            register_notice_group(group)
        register_job("docs_portal.tell_must_read", jobs.tell_must_read)
        register_job("docs_portal.tell_announcement", jobs.tell_announcement)
        register_job("docs_portal.remind_announcement", jobs.remind_announcement)
