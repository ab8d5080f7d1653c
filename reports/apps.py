"""Facts, roll-ups and the weekly report."""

from django.apps import AppConfig

from core.registry import register_job, register_verifier


class ReportsConfig(AppConfig):
    name = "reports"

    def ready(self) -> None:
        from reports import jobs  # noqa: PLC0415  (models must be loaded first)
        from reports.policies.verifying import CHECKS  # noqa: PLC0415

        for name, check in CHECKS.items():
            register_verifier(name, check)
        register_job("reports.make_snapshot", jobs.make_snapshot_of_week)
