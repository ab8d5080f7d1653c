"""Manuals, pages, revisions and who reads them."""

from django.apps import AppConfig

from core.registry import register_search, register_suggestions


class DocsPortalConfig(AppConfig):
    name = "docs_portal"

    def ready(self) -> None:
        # Models must be loaded before what reads them.
        from docs_portal.search import PageSearch  # noqa: PLC0415
        from docs_portal.suggest import PageSuggestions  # noqa: PLC0415

        register_search(PageSearch())
        register_suggestions(PageSuggestions())
