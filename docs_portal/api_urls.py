"""Addresses of the API of manuals and announcements, below /api/v1/."""

from django.urls import path

from docs_portal.api.announcements import AnnouncementAcknowledge, AnnouncementList
from docs_portal.api.manuals import (
    ManualDetail,
    ManualList,
    ManualSearch,
    MyMustReads,
    PageAcknowledge,
    PageDetail,
)

urlpatterns = [
    path("manuals", ManualList.as_view(), name="api_manuals"),
    path("manual-search", ManualSearch.as_view(), name="api_manual_search"),
    path("manuals/<slug:code>", ManualDetail.as_view(), name="api_manual"),
    path("manuals/<slug:code>/pages/<str:slug>", PageDetail.as_view(), name="api_page"),
    path(
        "manuals/<slug:code>/pages/<str:slug>/acknowledge",
        PageAcknowledge.as_view(),
        name="api_page_acknowledge",
    ),
    path("announcements", AnnouncementList.as_view(), name="api_announcements"),
    path(
        "announcements/<int:pk>/acknowledge",
        AnnouncementAcknowledge.as_view(),
        name="api_announcement_acknowledge",
    ),
    path("my/must-reads", MyMustReads.as_view(), name="api_my_must_reads"),
]
