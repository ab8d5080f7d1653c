"""Addresses of this app."""

from django.urls import path

from docs_portal.views import reading, writing

urlpatterns = [
    path("manuals/", reading.manuals, name="manuals"),
    path("manuals/<slug:code>/", reading.manual, name="manual"),
    path("manuals/<slug:code>/<str:slug>/", reading.page, name="page"),
    path("writing/preview/", writing.page_preview, name="page_preview"),
    path("writing/new/<slug:code>/", writing.page_new, name="page_new"),
    path("writing/<int:pk>/", writing.page_edit, name="page_edit"),
    path("writing/<int:pk>/publish/", writing.page_publish, name="page_publish"),
    path("writing/<int:pk>/retire/", writing.page_retire, name="page_retire"),
]
