"""`manage.py index_pages`: write anew what search reads of the published pages."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from docs_portal.actions.indexing import index_pages, pages_to_index
from docs_portal.choices import PageStatus
from docs_portal.models import Page


class Command(BaseCommand):
    help = (
        "Writes what search reads of published pages where it is missing or of an older text; "
        "with --all of every page, which mends whatever `verify` found wrong. Safe to run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="every published page")

    def handle(self, *args: Any, **options: Any) -> None:
        published = Page.objects.filter(status=PageStatus.PUBLISHED)
        pages = published if options["all"] else pages_to_index()
        count = index_pages(pages)
        if options["verbosity"]:
            self.stdout.write(
                ngettext("%(count)s page written.", "%(count)s pages written.", count)
                % {"count": count}
            )
