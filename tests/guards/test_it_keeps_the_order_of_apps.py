"""Foreign keys and migrations point only at apps below, as imports do (docs/architecture.md)."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model

#: From the top of the house to its foundation.
ORDER = ["opsdesk", "reports", "feedback", "tickets", "docs_portal", "catalog", "accounts", "core"]
OURS = [app for app in ORDER if app in apps.app_configs]


def below(app: str) -> set[str]:
    return set(ORDER[ORDER.index(app) :])


def test_every_app_of_ours_has_its_place() -> None:
    first = settings.INSTALLED_APPS.index("core")
    assert set(settings.INSTALLED_APPS[first:]) == set(ORDER)


@pytest.mark.parametrize("app", OURS)
def test_foreign_keys_point_down(app: str) -> None:
    found = [
        f"{model.__name__}.{field.name} → {field.related_model._meta.label}"
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if field.is_relation
        and field.concrete
        and isinstance(field.related_model, type)
        and issubclass(field.related_model, Model)
        and field.related_model._meta.label != settings.AUTH_USER_MODEL
        and field.related_model._meta.app_label in ORDER
        and field.related_model._meta.app_label not in below(app)
    ]
    assert found == []


@pytest.mark.parametrize("app", OURS)
def test_migrations_depend_down(app: str) -> None:
    loader = MigrationLoader(None)
    user_app = settings.AUTH_USER_MODEL.split(".")[0]
    found = [
        f"{app}.{name} needs {needed_app}.{needed}"
        for (label, name), migration in loader.disk_migrations.items()
        if label == app
        for needed_app, needed in migration.dependencies
        if needed_app in ORDER and needed_app not in below(app) and needed_app != user_app
    ]
    assert found == []


@pytest.mark.parametrize("app", OURS)
def test_migrations_are_linear(app: str) -> None:
    loader = MigrationLoader(None)
    assert len([key for key in loader.graph.leaf_nodes() if key[0] == app]) <= 1
