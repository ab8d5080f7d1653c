"""Pages of the settings that belong to the conversation, and first steps that belong to tickets."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.registry import FirstStep, HealthLine, SettingsPlace
from tickets.models import ChatRobot, Mailbox, ServicePolicy, Ticket

CONVERSATION_SETTINGS = (
    SettingsPlace(
        "shared_macros", _("Shared macros"),
        _("Prepared answers for everybody on the desk, with what is done to the ticket."),
        "bolt", "automation",
    ),
    SettingsPlace(
        "procedures", _("Procedures"),
        _("The steps for tickets of a type, ticked on the ticket."), "check", "desk",
    ),
)  # fmt: skip

FIRST_STEPS = (
    FirstStep(
        "policies", _("Look at the service targets"),
        _("First response and resolution by priority; P2 within four working hours until you "
          "say otherwise."),
        "settings_policies",
        lambda: ServicePolicy.objects.filter(version__gt=1).exists()
        or ServicePolicy.objects.filter(is_default=False).exists(),
        100, optional=True,
    ),
    FirstStep(
        "incoming", _("Take in mail and chat"),
        _("A mailbox or a robot whose messages become tickets; people can always use the form."),
        "settings_mailboxes",
        lambda: Mailbox.objects.exists() or ChatRobot.objects.exists(), 120, optional=True,
    ),
    FirstStep(
        "ticket", _("Submit a first ticket"),
        _("Any small trouble: see how it comes to the desk, and what its requester sees."),
        "submit", Ticket.objects.exists, 140,
    ),
)  # fmt: skip


def mailbox_health() -> Iterator[HealthLine]:
    """Each mailbox that is switched on: when it was read, and what its server said last."""
    for mailbox in Mailbox.objects.filter(is_active=True):
        yield HealthLine(
            mailbox.name,
            mailbox.read_at,
            mailbox.last_error if mailbox.failed_at is not None else "",
            reverse("settings_mailboxes_edit", args=[mailbox.pk]),
        )
