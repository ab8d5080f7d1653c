"""Feedback, demands, obligations and releases."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core import registry


class FeedbackConfig(AppConfig):
    name = "feedback"

    def ready(self) -> None:
        # Models must be loaded first.
        from docs_portal.policies.debt import register_debt_source  # noqa: PLC0415
        from feedback import jobs, receivers  # noqa: PLC0415
        from feedback.actions import importing  # noqa: PLC0415
        from feedback.choices import DemandKind  # noqa: PLC0415
        from feedback.models import ScoreFormula  # noqa: PLC0415
        from feedback.notifications import KINDS, NOTICE_GROUPS  # noqa: PLC0415
        from feedback.policies.verifying import (  # noqa: PLC0415
            obligations_equal_requesters,
            scores_equal_parts,
        )
        from feedback.rendering.questions import demand_questions  # noqa: PLC0415
        from feedback.search import DemandSearch  # noqa: PLC0415
        from feedback.search.debt import StaleAfterRelease  # noqa: PLC0415
        from feedback.suggest import DemandSuggestions  # noqa: PLC0415

        for kind, notice_kind in KINDS.items():
            registry.register_notice(kind, notice_kind)
        for group in NOTICE_GROUPS:
            registry.register_notice_group(group)
        registry.register_row_types("demand", lambda: DemandKind.choices)
        registry.register_search(DemandSearch())
        register_debt_source(StaleAfterRelease())
        registry.register_questions(demand_questions)
        registry.register_suggestions(DemandSuggestions())
        registry.register_job("feedback.move_ticket", jobs.move_ticket)
        registry.register_job(importing.JOB, importing.go_on_with_import)
        registry.on_news("ticket.confirmed", receivers.on_ticket_confirmed)
        registry.on_news("ticket.reopened", receivers.on_ticket_reopened)
        registry.on_news("ticket.auto_confirmed", receivers.on_ticket_auto_confirmed)
        registry.on_news("same_here.said", receivers.on_same_here)
        registry.on_news("mail.unreachable", receivers.on_mail_unreachable)
        registry.register_settings(
            registry.SettingsPlace(
                "settings_scores", _("Score formula"),
                _("What makes a demand weigh more, version by version."), "gauge", "feedback",
            )
        )  # fmt: skip
        registry.register_audited(registry.AuditedNoun(ScoreFormula, _("Score formula")))
        registry.register_verifier("scores equal their parts", scores_equal_parts)
        registry.register_verifier(
            "one obligation per person and demand", obligations_equal_requesters
        )
