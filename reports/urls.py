"""Addresses of this app."""

from django.urls import path, register_converter

from reports.views import ahead, annex, announcing, editing, explore, files, targets, training
from reports.views import reading as views

_FOLDERS = {"W": "weekly", "Q": "quarterly"}


class PeriodConverter:
    """A period's name below the word for its kind: weekly/2016-W17, quarterly/2016-Q2."""

    regex = r"(?:weekly|monthly|quarterly)/[^/]+"

    def to_python(self, value: str) -> str:
        """Raises ValueError for a name below another kind's word: such an address is none."""
        name = value.split("/")[1]
        if self.to_url(name) != value:
            raise ValueError(value)
        return name

    def to_url(self, name: str) -> str:
        return f"{_FOLDERS.get(name[5:6].upper(), 'monthly')}/{name}"


register_converter(PeriodConverter, "period")

urlpatterns = [
    path("reports/weekly/", views.weekly_report_latest, name="weekly_report_latest"),
    path("reports/latest/<slug:kind>/", views.reports_latest, name="reports_latest"),
    path("reports/<period:period>/", views.weekly_report, name="weekly_report"),
    path("reports/<period:period>/compute/", views.order_weekly_report, name="order_report"),
    path("reports/conclusions/<str:period>/", editing.conclusion_edit, name="conclusion_edit"),
    path("reports/actions/<str:period>/new/", editing.action_new, name="action_new"),
    path("reports/actions/<int:pk>/end/", editing.action_end, name="action_end"),
    path("reports/files/<str:period>.<str:kind>", files.report_file, name="report_file"),
    path("reports/files/<str:period>/<slug:figure>.<str:kind>", files.rows_file, name="rows_file"),
    path("reports/<period:period>/annex/", annex.report_annex, name="report_annex"),
    path("reports/<period:period>/subscribe/", annex.report_subscribe, name="report_subscribe"),
    path(
        "reports/<period:period>/subscribers/<int:pk>/end/",
        annex.report_unsubscribe,
        name="report_unsubscribe",
    ),
    path("reports/<period:period>/<slug:figure>/", views.report_rows, name="report_rows"),
    path("reports/ahead/", ahead.ahead, name="ahead"),
    path("reports/ahead/<str:week>.<slug:kind>", ahead.ahead_file, name="ahead_file"),
    path("reports/ahead/<str:week>/", ahead.ahead_of, name="ahead_of"),
    path("reports/explore/", explore.explore, name="explore"),
    path("reports/explore/rows/<slug:figure>/", explore.explore_rows, name="explore_rows"),
    path(
        "reports/explore/rows/<slug:figure>.<str:file>",
        explore.explore_rows_file,
        name="explore_rows_file",
    ),
    path("reports/explore/<slug:kind>/", explore.explore_page, name="explore_page"),
    path("reports/explore/<slug:kind>.<str:file>", explore.explore_file, name="explore_file"),
    path(
        "reports/announcements/", announcing.announcement_effects_page, name="announcement_effects"
    ),
    path("settings/targets/", targets.settings_targets, name="settings_targets"),
    path("settings/targets/<slug:figure>/", targets.settings_target, name="settings_target"),
    path("reports/training/", training.training_effects, name="training_effects"),
]
