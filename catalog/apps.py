"""Products, modules, features, owners, teams, duty rosters, roles and rights."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core.registry import (
    SettingsPlace,
    register_audited,
    register_calendars,
    register_first_step,
    register_search,
    register_settings,
)


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        # Models must be loaded first.
        from catalog.access import person_calendar  # noqa: PLC0415
        from catalog.rendering.audited import NOUNS  # noqa: PLC0415
        from catalog.rendering.first_steps import STEPS  # noqa: PLC0415
        from catalog.search import PersonSearch, ProductSearch  # noqa: PLC0415

        register_audited(*NOUNS)
        for step in STEPS:
            register_first_step(step)
        register_calendars(person_calendar)
        register_search(ProductSearch())
        register_search(PersonSearch())
        register_settings(
            SettingsPlace(
                "settings_company",
                _("The company"),
                _("Its name, and the time zone its days and weeks are cut in."),
                "company",
                "people",
            )
        )
        register_settings(
            SettingsPlace(
                "settings_tokens",
                _("API tokens"),
                _("Programs that use the API as a person: issue, see the last use, revoke."),
                "bolt",
                "people",
            )
        )
        register_settings(
            SettingsPlace(
                "settings_audit",
                _("Audit log"),
                _("Who changed which setting, person or right, and when."),
                "list",
                "operations",
            )
        )
        register_settings(
            SettingsPlace(
                "settings_health",
                _("System health"),
                _("Workers, queues and scheduled tasks; what waits and what failed."),
                "gauge",
                "operations",
            )
        )
        register_settings(
            SettingsPlace(
                "settings_channels",
                _("Mail and chat"),
                _("The mail server, the teams' group robots, and whether they work."),
                "chat",
                "channels",
            )
        )
        register_settings(
            SettingsPlace(
                "settings_told",
                _("Notices"),
                _("What people are told, and by which channel, unless they choose otherwise."),
                "bell",
                "channels",
            )
        )
