"""Addresses of this app."""

from django.urls import path

from reports.views import editing, files
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
]
