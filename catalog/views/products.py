"""Settings of products, modules and product roles."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.actions import (
    create_feature,
    create_module,
    create_product,
    create_product_role,
    edit_feature,
    edit_module,
    edit_product,
    edit_product_role,
)
from catalog.choices import SettingsGroup
from catalog.forms import FeatureForm, ModuleForm, ProductForm, RoleForm
from catalog.models import Feature, Module, Product, ProductRole
from catalog.views.organisation import on_off
from catalog.views.sections import Column, Panel, PanelRow, Section

# ---- products -----------------------------------------------------------------------------------


def _products() -> QuerySet[Product]:
    active = Q(modules__is_active=True)
    return Product.objects.select_related("owner").annotate(
        module_count=Count("modules", filter=active)
    )


def _create_product(form: ProductForm, acting_user: User, now: dt.datetime) -> Product:
    found = form.cleaned_data
    return create_product(
        found["name"],
        found["code"],
        found["kind"],
        owner=found["owner"],
        position=Product.objects.count(),
        acting_user=acting_user,
        now=now,
    )


def _edit_product(
    product: Product, form: ProductForm, acting_user: User, now: dt.datetime
) -> Product:
    return edit_product(
        product,
        form.fields_of_row(),
        acting_user=acting_user,
        now=now,
        seen_version=form.cleaned_data["version"],
    )


def _modules_of(product: Product) -> list[PanelRow]:
    return [
        PanelRow(
            module.pk,
            (module.name, module.owner or gettext("No owner"), on_off(module.is_active)),
            url=reverse("settings_modules_edit", args=[module.pk]),
        )
        for module in product.modules.select_related("owner")
    ]


def _add_module(
    product: Product, found: dict[str, Any], acting_user: User, now: dt.datetime
) -> Module:
    return create_module(product, found["name"], found["owner"], acting_user=acting_user, now=now)


def _roles_of(product: Product) -> list[PanelRow]:
    return [
        PanelRow(
            role.pk,
            (role.name, role.code),
            url=reverse("settings_roles_edit", args=[role.pk]),
        )
        for role in product.roles.all()
    ]


def _add_role(
    product: Product, found: dict[str, Any], acting_user: User, now: dt.datetime
) -> ProductRole:
    return create_product_role(
        product, found["name"], found["code"], acting_user=acting_user, now=now
    )


class _NewModuleForm(ModuleForm):
    """A new module is active."""

    field_order = ("name", "owner")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["is_active"]


PRODUCTS: Section[Product] = Section(
    name="products",
    group=SettingsGroup.CATALOGUE,
    icon="box",
    title=_("Products"),
    lead=_("Products with their modules, features, owners and product roles."),
    new_label=_("Add a product"),
    empty=_("No product yet."),
    rows=_products,
    columns=(
        Column(_("Product"), str),
        Column(_("Code"), lambda product: product.code),
        Column(_("Kind"), lambda product: product.get_kind_display()),
        Column(_("Modules"), lambda product: getattr(product, "module_count", 0)),
        Column(_("Owner"), lambda product: product.owner or "—"),
        Column(_("State"), lambda product: on_off(product.is_active)),
    ),
    form=ProductForm,
    create=_create_product,
    edit=_edit_product,
    panels=(
        Panel(
            name="modules",
            title=_("Modules"),
            empty=_("No module yet."),
            rows=_modules_of,
            form=_NewModuleForm,
            add=_add_module,
            add_label=_("Add a module"),
            added=_("The module is added."),
        ),
        Panel(
            name="roles",
            title=_("Product roles"),
            empty=_("No product role yet."),
            rows=_roles_of,
            form=RoleForm,
            add=_add_role,
            add_label=_("Add a product role"),
            added=_("The product role is added."),
        ),
    ),
)

# ---- modules ------------------------------------------------------------------------------------


def _modules() -> QuerySet[Module]:
    return Module.objects.select_related("product", "owner").order_by("product__position", "name")


def _edit_module(module: Module, form: ModuleForm, acting_user: User, now: dt.datetime) -> Module:
    return edit_module(
        module,
        form.fields_of_row(),
        acting_user=acting_user,
        now=now,
        seen_version=form.cleaned_data["version"],
    )


def _features(module: Module) -> list[PanelRow]:
    return [
        PanelRow(feature.pk, (feature.name,)) for feature in module.features.filter(is_active=True)
    ]


def _add_feature(
    module: Module, found: dict[str, Any], acting_user: User, now: dt.datetime
) -> Feature:
    """A feature that was switched off comes back under its old id."""
    gone = module.features.filter(name=found["name"].strip(), is_active=False).first()
    if gone is not None:
        return edit_feature(gone, {"is_active": True}, acting_user=acting_user, now=now)
    return create_feature(module, found["name"], acting_user=acting_user, now=now)


def _remove_feature(module: Module, pk: int, acting_user: User, now: dt.datetime) -> Feature:
    feature = get_object_or_404(module.features.all(), pk=pk)
    return edit_feature(feature, {"is_active": False}, acting_user=acting_user, now=now)


MODULES: Section[Module] = Section(
    name="modules",
    group=SettingsGroup.CATALOGUE,
    icon="box",
    title=_("Modules"),
    lead=_("All modules with their owners."),
    new_label="",
    empty=_("No module yet."),
    rows=_modules,
    columns=(
        Column(_("Module"), lambda module: module.name),
        Column(_("Product"), lambda module: module.product),
        Column(_("Owner"), lambda module: module.owner or "—"),
        Column(_("State"), lambda module: on_off(module.is_active)),
    ),
    form=ModuleForm,
    edit=_edit_module,
    panels=(
        Panel(
            name="features",
            title=_("Features"),
            empty=_("No feature yet."),
            rows=_features,
            form=FeatureForm,
            add=_add_feature,
            add_label=_("Add a feature"),
            added=_("The feature is added."),
            remove=_remove_feature,
            remove_label=_("Switch off"),
            removed=_("The feature is switched off. Add it again to bring it back."),
        ),
    ),
    parent="products",
    parent_of=lambda module: module.product_id,
)

# ---- product roles ------------------------------------------------------------------------------


def _roles() -> QuerySet[ProductRole]:
    return ProductRole.objects.select_related("product").order_by("product__position", "pk")


def _edit_role(
    role: ProductRole, form: RoleForm, acting_user: User, now: dt.datetime
) -> ProductRole:
    return edit_product_role(
        role,
        form.fields_of_row(),
        acting_user=acting_user,
        now=now,
        seen_version=form.cleaned_data["version"],
    )


ROLES: Section[ProductRole] = Section(
    name="roles",
    group=SettingsGroup.CATALOGUE,
    icon="owner",
    title=_("Product roles"),
    lead=_("The roles people have in each product; manuals are written for them."),
    new_label="",
    empty=_("No product role yet."),
    rows=_roles,
    columns=(
        Column(_("Product role"), lambda role: role.name),
        Column(_("Product"), lambda role: role.product),
        Column(_("Code"), lambda role: role.code),
    ),
    form=RoleForm,
    edit=_edit_role,
    parent="products",
    parent_of=lambda role: role.product_id,
)
