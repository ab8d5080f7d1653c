"""Addresses of this app."""

from django.urls import path

from reports import views

urlpatterns = [
    path("reports/weekly/", views.weekly_report_latest, name="weekly_report_latest"),
    path("reports/weekly/<str:week>/", views.weekly_report, name="weekly_report"),
    path("reports/weekly/<str:week>/compute/", views.order_weekly_report, name="order_report"),
    path("reports/weekly/<str:week>/<slug:figure>/", views.report_rows, name="report_rows"),
]
