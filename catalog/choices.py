"""Words of the catalogue."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
