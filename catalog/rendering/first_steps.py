"""The first steps of a new company that belong to its organisation and its catalogue.

Each looks at the real state; upper apps add theirs (`core.registry.register_first_step`).
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.models import Company, Department, Position, User
from catalog.choices import PermissionRole
from catalog.models import (
    Grant,
    Module,
    PositionRole,
    Product,
    ServiceCalendar,
    Team,
    TeamMember,
)
from core.channels.mail import is_configured
from core.registry import FirstStep


def _somebody_else() -> bool:
    """Whether more people work here than the one who began."""
    return User.objects.working_here()[1:2].exists()


STEPS = (
    FirstStep(
        "company", _("Name the company"), _("It stands at the top of every page."),
        "settings_company", Company.objects.exists, 10,
    ),
    FirstStep(
        "departments", _("Add the departments"),
        _("Reports and roll-outs go by department; one is enough to begin."),
        "settings_departments", Department.objects.exists, 20,
    ),
    FirstStep(
        "positions", _("Add the positions"),
        _("What people are: sales representative, finance clerk."),
        "settings_positions", Position.objects.exists, 30,
    ),
    FirstStep(
        "people", _("Add the people"),
        _("One by one, or all at once from a spreadsheet; then give them their sign-in links."),
        "settings_people", _somebody_else, 40,
    ),
    FirstStep(
        "products", _("Add the products"),
        _("The back-office products people need help with."),
        "settings_products",
        lambda: Product.objects.filter(is_other=False, is_active=True).exists(), 50,
    ),
    FirstStep(
        "modules", _("Add modules with their owners"),
        _("On the page of a product. What is pushed goes to the owner of the module."),
        "settings_products",
        lambda: Module.objects.filter(is_active=True, owner__isnull=False).exists(), 60,
    ),
    FirstStep(
        "roles", _("Say who has which product role"),
        _("Product roles are added on the page of a product, and come with a position. "
          "They decide which manual pages a person sees."),
        "settings_positions", PositionRole.objects.exists, 70,
    ),
    FirstStep(
        "teams", _("Make a team of product operations"),
        _("With members and products: its members work at the desk."),
        "settings_teams",
        lambda: TeamMember.objects.filter(
            team__in=Team.objects.filter(
                is_product_operations=True, is_active=True, products__isnull=False
            )
        ).exists(),
        80,
    ),
    FirstStep(
        "grants", _("Give owners and managers their permission roles"),
        _("On the page of a person: owners answer what is pushed, managers read the report."),
        "settings_people",
        lambda: Grant.objects.filter(
            is_active=True, role__in=[PermissionRole.OWNER, PermissionRole.MANAGER]
        ).exists(),
        85,
    ),
    FirstStep(
        "calendar", _("Look at the service calendar"),
        _("Working hours, public holidays and make-up days; Monday to Friday, 9 to 18 until "
          "you say otherwise."),
        "settings_calendars",
        lambda: ServiceCalendar.objects.filter(version__gt=1).exists()
        or ServiceCalendar.objects.all()[1:2].exists(),
        90, optional=True,
    ),
    FirstStep(
        "mail", _("Set up mail and chat"),
        _("Without a mail server everybody is told in the inbox here only."),
        "settings_channels", is_configured, 110, optional=True,
    ),
)  # fmt: skip
