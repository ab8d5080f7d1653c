"""Addresses of this app: the settings, each section under its name."""

from collections.abc import Iterator

from django.urls import URLPattern, path

from catalog.views import (
    audit,
    beginning,
    channels,
    company,
    health,
    home,
    pages,
    people_import,
    telling,
    tokens,
)


def _section(name: str) -> Iterator[URLPattern]:
    said = {"section": name}
    root, one = f"settings/{name}/", f"settings/{name}/<int:pk>/"
    what = pages.SECTIONS[name]
    yield path(root, pages.settings_list, said, name=f"settings_{name}")
    yield path(one, pages.settings_edit, said, name=f"settings_{name}_edit")
    if what.create is not None:
        yield path(f"{root}new/", pages.settings_new, said, name=f"settings_{name}_new")
    if what.acts:
        yield path(f"{one}do/<slug:act>/", pages.settings_do, said, name=f"settings_{name}_do")
    if what.panels:
        yield path(f"{one}<slug:panel>/add/", pages.settings_add, said, name=f"settings_{name}_add")
        yield path(
            f"{one}<slug:panel>/<int:item>/remove/",
            pages.settings_remove,
            said,
            name=f"settings_{name}_remove",
        )


urlpatterns = [
    path("begin/<str:token>/", beginning.begin, name="begin"),
    path("settings/", home.settings_home, name="settings_home"),
    path("settings/company/", company.settings_company, name="settings_company"),
    path(
        "settings/people/<int:pk>/link/",
        company.settings_people_link,
        name="settings_people_link",
    ),
    path(
        "settings/people/import/",
        people_import.settings_people_import,
        name="settings_people_import",
    ),
    path(
        "settings/people/import/sample.xlsx",
        people_import.settings_people_sample,
        name="settings_people_sample",
    ),
    path(
        "settings/people/import/<int:pk>/",
        people_import.settings_people_file,
        name="settings_people_file",
    ),
    path(
        "settings/people/import/<int:pk>/carry-out/",
        people_import.settings_people_carry_out,
        name="settings_people_carry_out",
    ),
    path("settings/channels/", channels.settings_channels, name="settings_channels"),
    path(
        "settings/channels/address/",
        channels.settings_channels_address,
        name="settings_channels_address",
    ),
    path(
        "settings/channels/<int:pk>/",
        channels.settings_channels_edit,
        name="settings_channels_edit",
    ),
    path(
        "settings/channels/<int:pk>/remove/",
        channels.settings_channels_remove,
        name="settings_channels_remove",
    ),
    path(
        "settings/channels/<int:pk>/test/",
        channels.settings_channels_test,
        name="settings_channels_test",
    ),
    path("settings/tokens/", tokens.settings_tokens, name="settings_tokens"),
    path(
        "settings/tokens/<int:pk>/revoke/",
        tokens.settings_tokens_revoke,
        name="settings_tokens_revoke",
    ),
    path("settings/audit/", audit.settings_audit, name="settings_audit"),
    path("settings/audit/audit.csv", audit.settings_audit_csv, name="settings_audit_csv"),
    path(
        "settings/health/workers/", health.settings_health_workers, name="settings_health_workers"
    ),
    path("settings/notices/", telling.settings_told, name="settings_told"),
    path("settings/health/", health.settings_health, name="settings_health"),
    path(
        "settings/health/resend/",
        health.settings_health_resend_all,
        name="settings_health_resend_all",
    ),
    path(
        "settings/health/<int:pk>/resend/",
        health.settings_health_resend,
        name="settings_health_resend",
    ),
    path(
        "settings/health/<int:pk>/give-up/",
        health.settings_health_give_up,
        name="settings_health_give_up",
    ),
    path(
        "settings/health/send-kept/",
        health.settings_health_send_kept,
        name="settings_health_send_kept",
    ),
    *(pattern for name in pages.SECTIONS for pattern in _section(name)),
]
