"""The nouns of organisation and catalogue whose history stands in the audit log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, Company, Department, Position, Telling, User
from catalog.models import (
    Absence,
    Feature,
    FieldDefinition,
    FieldSection,
    Grant,
    Module,
    Product,
    ProductRole,
    RoleException,
    ServiceCalendar,
    Team,
)
from core.models import ChatAddress
from core.registry import AuditedNoun

NOUNS = (
    AuditedNoun(Company, _("Company")),
    AuditedNoun(User, _("Person"), "settings_people_edit"),
    AuditedNoun(Grant, _("Permission role")),
    AuditedNoun(RoleException, _("Exception of a product role")),
    AuditedNoun(ApiToken, _("API token")),
    AuditedNoun(Department, _("Department"), "settings_departments_edit"),
    AuditedNoun(Position, _("Position"), "settings_positions_edit"),
    AuditedNoun(Product, _("Product"), "settings_products_edit"),
    AuditedNoun(Module, _("Module"), "settings_modules_edit"),
    AuditedNoun(Feature, _("Feature")),
    AuditedNoun(ProductRole, _("Product role"), "settings_roles_edit"),
    AuditedNoun(Team, _("Team"), "settings_teams_edit"),
    AuditedNoun(ServiceCalendar, _("Service calendar"), "settings_calendars_edit"),
    AuditedNoun(Absence, _("Absence")),
    AuditedNoun(FieldDefinition, _("Custom field"), "settings_fields_edit"),
    AuditedNoun(FieldSection, _("Section of custom fields")),
    AuditedNoun(ChatAddress, _("Chat address")),
    AuditedNoun(Telling, _("Notices")),
)
