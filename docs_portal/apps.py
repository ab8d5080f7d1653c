"""Manuals, pages, revisions and who reads them."""

from django.apps import AppConfig


class DocsPortalConfig(AppConfig):
    name = "docs_portal"
