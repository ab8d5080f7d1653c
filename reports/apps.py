"""Facts, roll-ups and the weekly report."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core.registry import (
    AuditedNoun,
    SettingsPlace,
    register_audited,
    register_job,
    register_notice,
    register_notice_group,
    register_settings,
    register_verifier,
)


class ReportsConfig(AppConfig):
    name = "reports"

    def ready(self) -> None:
        from reports import jobs  # noqa: PLC0415  (models must be loaded first)
        from reports.models import FigureTarget  # noqa: PLC0415
        from reports.notifications import KINDS, NOTICE_GROUPS  # noqa: PLC0415
        from reports.policies.verifying import CHECKS  # noqa: PLC0415

        for name, check in CHECKS.items():
            register_verifier(name, check)
        for kind, notice_kind in KINDS.items():
            register_notice(kind, notice_kind)
        for group in NOTICE_GROUPS:
            register_notice_group(group)
        register_settings(
            SettingsPlace(
                "settings_targets", _("Targets of the reports"),
                _("What each figure is to reach, from which week on, and who says so."), "chart",
                "statistics",
            )
        )  # fmt: skip
        register_audited(AuditedNoun(FigureTarget, _("Target of a figure")))
        register_job("reports.make_snapshot", jobs.make_ordered_snapshot)
