"""Words of the catalogue."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SettingsGroup(models.TextChoices):
    """The headings of the settings, in the order in which they stand."""

    PEOPLE = "people", _("People and access")
    CATALOGUE = "catalogue", _("Catalogue")
    DESK = "desk", _("Desk")
    FEEDBACK = "feedback", _("Feedback and demands")
    MANUALS = "manuals", _("Manuals and training")
    CHANNELS = "channels", _("Channels")
    AUTOMATION = "automation", _("Automation")
    STATISTICS = "statistics", _("Statistics")
    OPERATIONS = "operations", _("Operations")


#: What each heading is for, in one line.
GROUP_LEADS = {
    SettingsGroup.PEOPLE: _("Who works here, what they are, and what they may do."),
    SettingsGroup.CATALOGUE: _("Which products there are, their parts, and who answers for them."),
    SettingsGroup.DESK: _("Who handles tickets, when, and by which rules."),
    SettingsGroup.FEEDBACK: _("How words of people become demands, and which weigh most."),
    SettingsGroup.MANUALS: _("What people read, learn and are told."),
    SettingsGroup.CHANNELS: _("How people are told, and how their words come in."),
    SettingsGroup.AUTOMATION: _("What happens by itself."),
    SettingsGroup.STATISTICS: _("What is measured, and against which target."),
    SettingsGroup.OPERATIONS: _("Whether everything runs, and who changed what."),
}


class ProductKind(models.TextChoices):
    MANDATORY = "mandatory", _("Mandatory")
    OPTIONAL = "optional", _("Optional")


class PermissionRole(models.TextChoices):
    AGENT = "agent", _("Agent")
    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    ANALYST = "analyst", _("Analyst")
    ADMINISTRATOR = "administrator", _("Administrator")


class ExceptionKind(models.TextChoices):
    ALSO = "also", _("Also holds")
    NOT = "not", _("Does not hold")


class FieldKind(models.TextChoices):
    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    CHOICE = "choice", _("Choice")
    DATE = "date", _("Date")
    PERSON = "person", _("Person")
    FILE = "file", _("File")


class FieldTarget(models.TextChoices):
    TICKET = "ticket", _("Ticket")
    DEMAND = "demand", _("Demand")


class AssignmentMethod(models.TextChoices):
    """How a team's new tickets find their holder."""

    NONE = "none", _("Nobody: people claim")
    DUTY = "duty", _("The person on duty")
    ROUND_ROBIN = "round_robin", _("In turn")
    LEAST_LOADED = "least_loaded", _("Whoever holds the fewest")


#: The highest cap on a person's open tickets: more than anybody can hold.
CAP_MAX = 999
