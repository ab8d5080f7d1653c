"""Products, modules, features, owners, teams, duty rosters, roles and rights."""

from django.apps import AppConfig

from core.registry import register_search


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        # Models must be loaded first.
        from catalog.search import PersonSearch, ProductSearch  # noqa: PLC0415

        register_search(ProductSearch())
        register_search(PersonSearch())
