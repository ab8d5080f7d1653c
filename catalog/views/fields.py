"""Settings of custom fields and their sections."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.actions import (
    create_field,
    create_field_section,
    edit_field,
    edit_field_section,
    move_field,
)
from catalog.choices import SettingsGroup
from catalog.forms import FieldForm, FieldSectionForm
from catalog.models import FieldDefinition, FieldSection
from catalog.views.organisation import on_off
from catalog.views.sections import Act, Column, Section
from core.registry import row_types


def _fields() -> QuerySet[FieldDefinition]:
    rows = FieldDefinition.objects.select_related("product", "module__product", "section")
    return rows.order_by("-target", "section__position", "section_id", "position", "pk")


def _asked_for(definition: FieldDefinition) -> str:
    if definition.module is not None:
        place = f"{definition.module.product} · {definition.module}"
    else:
        place = str(definition.product or gettext("Every product"))
    labels = {str(value): str(label) for value, label in row_types(definition.target)}
    named = [labels.get(value, value) for value in definition.types]
    return " · ".join([place, *named])


def _when(row: FieldDefinition | FieldSection) -> str:
    if not row.when_field:
        return gettext("Always")
    if not row.when_values:
        return gettext("When “%(field)s” is filled") % {"field": row.when_field}
    return gettext("When “%(field)s” holds: %(values)s") % {
        "field": row.when_field, "values": ", ".join(row.when_values),
    }  # fmt: skip


def _create_field(form: FieldForm, acting_user: User, now: dt.datetime) -> FieldDefinition:
    definition = FieldDefinition(**form.fields_of_row())
    return create_field(definition, acting_user=acting_user, now=now)


def _edit_field(
    definition: FieldDefinition, form: FieldForm, acting_user: User, now: dt.datetime
) -> FieldDefinition:
    return edit_field(
        definition,
        form.fields_of_row(),
        acting_user=acting_user,
        now=now,
        seen_version=form.cleaned_data["version"],
    )


FIELDS: Section[FieldDefinition] = Section(
    name="fields",
    group=SettingsGroup.DESK,
    icon="columns",
    title=_("Custom fields"),
    lead=_("What else a ticket or demand is asked for, by product, module and type."),
    new_label=_("Add a custom field"),
    empty=_("No custom field: the form asks for nothing more than it must."),
    rows=_fields,
    columns=(
        Column(_("Label"), lambda definition: definition.label),
        Column(_("Field key"), lambda definition: definition.key),
        Column(_("Accepts"), lambda definition: definition.get_kind_display()),
        Column(_("Section"), lambda definition: definition.section or "—"),
        Column(_("Asked for"), _asked_for),
        Column(_("Asked"), _when),
        Column(_("State"), lambda definition: on_off(definition.is_active)),
    ),
    form=FieldForm,
    create=_create_field,
    edit=_edit_field,
    acts=(
        Act(
            name="up",
            label=pgettext_lazy("order of fields", "Move up"),
            done=_("The field stands one place further up."),
            offered=lambda definition: definition.is_active,
            do=lambda definition, acting_user, now: move_field(
                definition, -1, acting_user=acting_user, now=now
            ),
            undo="down",
        ),
        Act(
            name="down",
            label=_("Move down"),
            done=_("The field stands one place further down."),
            offered=lambda definition: definition.is_active,
            do=lambda definition, acting_user, now: move_field(
                definition, 1, acting_user=acting_user, now=now
            ),
            undo="up",
        ),
    ),
)

# ---- sections -----------------------------------------------------------------------------------


def _sections() -> QuerySet[FieldSection]:
    return FieldSection.objects.annotate(
        field_count=Count("fields", filter=Q(fields__is_active=True))
    )


def _create_section(form: FieldSectionForm, acting_user: User, now: dt.datetime) -> FieldSection:
    section = FieldSection(**form.fields_of_row())
    return create_field_section(section, acting_user=acting_user, now=now)


def _edit_section(
    section: FieldSection, form: FieldSectionForm, acting_user: User, now: dt.datetime
) -> FieldSection:
    return edit_field_section(
        section,
        form.fields_of_row(),
        acting_user=acting_user,
        now=now,
        seen_version=form.cleaned_data["version"],
    )


FIELD_SECTIONS: Section[FieldSection] = Section(
    name="sections",
    group=SettingsGroup.DESK,
    icon="list",
    title=_("Sections of custom fields"),
    lead=_("Fields under one heading, asked together or not at all."),
    new_label=_("Add a section"),
    empty=_("No section: custom fields stand one below the other."),
    rows=_sections,
    columns=(
        Column(_("Heading"), lambda section: section.label),
        Column(_("Asked on a"), lambda section: section.get_target_display()),
        Column(_("Asked"), _when),
        Column(_("Fields"), lambda section: getattr(section, "field_count", 0)),
        Column(_("State"), lambda section: on_off(section.is_active)),
    ),
    form=FieldSectionForm,
    create=_create_section,
    edit=_edit_section,
)
