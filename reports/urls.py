"""Addresses of this app."""

from django.urls import path

from reports.views import editing, explore, files, training
from reports.views import reading as views

urlpatterns = [
    path("reports/weekly/", views.weekly_report_latest, name="weekly_report_latest"),
    path("reports/weekly/<str:week>/", views.weekly_report, name="weekly_report"),
    path("reports/weekly/<str:week>/compute/", views.order_weekly_report, name="order_report"),
    path("reports/conclusions/<str:week>/", editing.conclusion_edit, name="conclusion_edit"),
    path("reports/actions/<str:week>/new/", editing.action_new, name="action_new"),
    path("reports/actions/<int:pk>/end/", editing.action_end, name="action_end"),
    path("reports/files/<str:week>.xlsx", files.report_file, name="report_file"),
    path("reports/files/<str:week>/<slug:figure>.<str:kind>", files.rows_file, name="rows_file"),
    path("reports/weekly/<str:week>/<slug:figure>/", views.report_rows, name="report_rows"),
    path("reports/explore/", explore.explore, name="explore"),
    path("reports/explore/rows/<slug:figure>/", explore.explore_rows, name="explore_rows"),
    path(
        "reports/explore/rows/<slug:figure>.<str:file>",
        explore.explore_rows_file,
        name="explore_rows_file",
    ),
    path("reports/explore/<slug:kind>/", explore.explore_page, name="explore_page"),
    path("reports/explore/<slug:kind>.<str:file>", explore.explore_file, name="explore_file"),
    path("reports/training/", training.training_effects, name="training_effects"),
]
