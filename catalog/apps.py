"""Products, modules, features, owners, teams, duty rosters, roles and rights."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
