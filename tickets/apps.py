"""Tickets, the five levels, causes and conversation."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core.keys import register_keys
from core.registry import (
    SettingsPlace,
    on_news,
    register_audited,
    register_commands,
    register_first_step,
    register_foresight,
    register_health,
    register_job,
    register_message,
    register_notice,
    register_notice_group,
    register_questions,
    register_row_types,
    register_search,
    register_settings,
    register_suggestions,
    register_verifier,
)


class TicketsConfig(AppConfig):
    name = "tickets"

    def ready(self) -> None:
        # Models must be loaded first.
        from docs_portal.policies.debt import register_debt_source  # noqa: PLC0415
        from docs_portal.policies.troubles import register_trouble  # noqa: PLC0415
        from tickets import jobs, receivers  # noqa: PLC0415
        from tickets.choices import Type  # noqa: PLC0415
        from tickets.incoming import mail_jobs, robot_jobs  # noqa: PLC0415
        from tickets.notifications import (  # noqa: PLC0415
            KINDS,
            RELAYED_TO_GROUP,
            RelayedMessage,
        )
        from tickets.rendering.audited import NOUNS  # noqa: PLC0415
        from tickets.rendering.bulk import BulkNotice  # noqa: PLC0415
        from tickets.rendering.consequences import calendar_foresight  # noqa: PLC0415
        from tickets.rendering.keys import DESK_KEYS  # noqa: PLC0415
        from tickets.rendering.owner_message import OwnerMessage  # noqa: PLC0415
        from tickets.rendering.places import (  # noqa: PLC0415
            CONVERSATION_SETTINGS,
            FIRST_STEPS,
            mailbox_health,
        )
        from tickets.rendering.questions import ticket_questions  # noqa: PLC0415
        from tickets.rendering.reply_message import ReplyMessage  # noqa: PLC0415
        from tickets.rendering.same_here import SAME_HERE_KINDS  # noqa: PLC0415
        from tickets.rendering.told import NOTICE_GROUPS  # noqa: PLC0415
        from tickets.search.debt import AnswersWithoutPage  # noqa: PLC0415
        from tickets.search.finding import (  # noqa: PLC0415
            CauseSearch,
            QueueCommands,
            TicketSearch,
        )
        from tickets.search.troubles import TROUBLES  # noqa: PLC0415
        from tickets.sla.verifying import due_times_are_current  # noqa: PLC0415
        from tickets.suggest import KnownIssueSuggestions  # noqa: PLC0415

        for kind, notice_kind in KINDS.items():
            register_notice(kind, notice_kind)
        register_notice("bulk.finished", BulkNotice())
        for kind, said in SAME_HERE_KINDS.items():
            register_notice(kind, said)
        register_row_types("ticket", lambda: Type.choices)
        for group in NOTICE_GROUPS:
            register_notice_group(group)
        register_suggestions(KnownIssueSuggestions())
        for trouble in TROUBLES:
            register_trouble(trouble)
        for place in CONVERSATION_SETTINGS:
            register_settings(place)
        register_audited(*NOUNS)
        register_health(mailbox_health)
        for step in FIRST_STEPS:
            register_first_step(step)
        register_keys("desk", DESK_KEYS)
        register_questions(ticket_questions)
        register_search(TicketSearch())
        register_search(CauseSearch())
        register_commands(QueueCommands())
        on_news("ticket.event", receivers.on_ticket_event)
        on_news("ticket.submitted", receivers.on_ticket_submitted)
        register_debt_source(AnswersWithoutPage())
        register_job("tickets.bulk", jobs.go_on_with_bulk_run)
        register_message("cause.owner_message", OwnerMessage())
        register_message(RELAYED_TO_GROUP, RelayedMessage())
        register_message("ticket.reply", ReplyMessage())
        register_job("tickets.tell_known_issue", jobs.tell_known_issue)
        register_job("tickets.ask_same_heres", jobs.ask_same_heres)
        register_job("tickets.rehearse_rule", jobs.rehearse_rule)
        register_job("tickets.attach_to_cause", jobs.attach_to_cause)
        register_job("tickets.reply_to_all", jobs.reply_to_all)
        on_news("calendar.changed", receivers.on_calendar_changed)
        register_job("tickets.reckon_due_times", jobs.reckon_due_times)
        register_foresight("calendar", calendar_foresight)
        register_settings(
            SettingsPlace(
                "absences",
                _("Absences"),
                _("Who is away, and what they hold."),
                "calendar",
                "desk",
            )
        )
        register_settings(
            SettingsPlace(
                "settings_rules",
                _("Automation rules"),
                _("What happens by itself, with a dry run before and a trace after."),
                "bolt",
                "automation",
            )
        )
        register_settings(
            SettingsPlace(
                "settings_policies", _("Service policies"),
                _("First-response and resolution targets, warnings, escalation."), "clock", "desk",
            )
        )  # fmt: skip
        register_settings(
            SettingsPlace(
                "settings_widget", _("Widget"),
                _("Help inside the pages of each product: origins, secrets, the snippet."),
                "help", "channels",
            )
        )  # fmt: skip
        mail_jobs.register()
        robot_jobs.register()
        register_verifier("due times equal their reckoning", due_times_are_current)
