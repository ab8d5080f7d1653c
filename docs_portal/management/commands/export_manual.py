"""`manage.py export_manual FILE --product P`: a manual as a zip archive of Markdown."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from catalog.models import Product
from docs_portal.rendering.exporting import write_manual


class Command(BaseCommand):
    help = (
        "Write the manual of a product as a zip archive of Markdown with its files, which "
        "import_manual reads again once it is unpacked."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the archive to write (.zip)")
        parser.add_argument("--product", required=True, help="code of the product")

    def handle(self, *args: Any, **options: Any) -> None:
        product = Product.objects.filter(code=options["product"]).first()
        if product is None:
            known = ", ".join(Product.objects.filter(is_other=False).values_list("code", flat=True))
            raise CommandError(
                _("--product: there is no product “%(code)s”. Use one of: %(codes)s.")
                % {"code": options["product"], "codes": known}
            )
        try:
            with options["file"].open("wb") as out:
                pages, files = write_manual(product, out)
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        if options["verbosity"]:
            self.stdout.write(
                _("%(pages)s pages and %(files)s files written to %(path)s.")
                % {"pages": pages, "files": files, "path": options["file"]}
            )
