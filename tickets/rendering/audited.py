"""The settings of the desk whose history stands in the audit log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.registry import AuditedNoun
from tickets.models import (
    ChatRobot,
    Macro,
    Mailbox,
    Procedure,
    Rule,
    ServicePolicy,
    WidgetSecret,
    WidgetSite,
)

NOUNS = (
    AuditedNoun(ServicePolicy, _("Service policy")),
    AuditedNoun(Rule, _("Automation rule"), "settings_rule"),
    AuditedNoun(Macro, _("Macro")),
    AuditedNoun(Procedure, _("Procedure")),
    AuditedNoun(Mailbox, _("Mailbox"), "settings_mailboxes_edit"),
    AuditedNoun(ChatRobot, _("Chat robot")),
    AuditedNoun(WidgetSite, _("Widget")),
    AuditedNoun(WidgetSecret, _("Secret of the widget")),
)
