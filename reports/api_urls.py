"""Addresses of the API of reports, below /api/v1/."""

from django.urls import path

from reports.api.outlooks import OutlookDetail, OutlookList
from reports.api.reports import ReportDetail, ReportList, ReportRows

urlpatterns = [
    path("reports", ReportList.as_view(), name="api_reports"),
    path("reports/<str:period>", ReportDetail.as_view(), name="api_report"),
    path("reports/<str:period>/<slug:figure>", ReportRows.as_view(), name="api_report_rows"),
    path("outlooks", OutlookList.as_view(), name="api_outlooks"),
    path("outlooks/<str:period>", OutlookDetail.as_view(), name="api_outlook"),
]
