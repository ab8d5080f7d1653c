"""Addresses of this app."""

from django.urls import path

from docs_portal.views import (
    announcements,
    announcing,
    arranging,
    page_files,
    reading,
    reviewing,
    revisions,
    searching,
    writing,
)

urlpatterns = [
    path("manuals/", reading.manuals, name="manuals"),
    path("manuals/<slug:code>/", reading.manual, name="manual"),
    path("manuals/<slug:code>/<str:slug>/", reading.page, name="page"),
    path("search/manuals/", searching.manual_search, name="manual_search"),
    path("announcements/", announcements.announcements, name="announcements"),
    path("announcements/banner/", announcements.announcement_banner, name="announcement_banner"),
    path("announcements/new/", announcing.announcement_new, name="announcement_new"),
    path("announcements/reach/", announcing.announcement_reach, name="announcement_reach"),
    path("announcements/preview/", announcing.announcement_preview, name="announcement_preview"),
    path("announcements/<int:pk>/", announcements.announcement, name="announcement"),
    path(
        "announcements/<int:pk>/acknowledge/",
        announcements.announcement_acknowledge,
        name="announcement_acknowledge",
    ),
    path(
        "announcements/<int:pk>/dismiss/",
        announcements.announcement_dismiss,
        name="announcement_dismiss",
    ),
    path("announcements/<int:pk>/edit/", announcing.announcement_edit, name="announcement_edit"),
    path(
        "announcements/<int:pk>/publish/",
        announcing.announcement_publish,
        name="announcement_publish",
    ),
    path(
        "announcements/<int:pk>/withdraw/",
        announcing.announcement_withdraw,
        name="announcement_withdraw",
    ),
    path(
        "announcements/<int:pk>/remind/", announcing.announcement_remind, name="announcement_remind"
    ),
    path(
        "announcements/<int:pk>/people/", announcing.announcement_people, name="announcement_people"
    ),
    path(
        "announcements/<int:pk>/posters/",
        announcing.announcement_posters,
        name="announcement_posters",
    ),
    path(
        "announcements/<int:pk>/files/<int:file>/remove/",
        announcing.announcement_file_remove,
        name="announcement_file_remove",
    ),
    path(
        "announcements/files/<int:pk>/<str:name>",
        announcements.announcement_file,
        name="announcement_file",
    ),
    path("poster/<str:code>/", announcements.poster, name="poster"),
    path("manuals/files/<int:pk>/<str:name>", page_files.page_file, name="page_file"),
    path(
        "manuals/videos/<int:pk>/watched/",
        page_files.page_video_watched,
        name="page_video_watched",
    ),
    path("writing/preview/", writing.page_preview, name="page_preview"),
    path("writing/new/<slug:code>/", writing.page_new, name="page_new"),
    path("writing/<int:pk>/", writing.page_edit, name="page_edit"),
    path("writing/<int:pk>/draft/", writing.page_draft, name="page_draft"),
    path("writing/<int:pk>/files/", page_files.page_file_new, name="page_file_new"),
    path("writing/<int:pk>/history/", revisions.page_history, name="page_history"),
    path("writing/<int:pk>/history/<int:number>/", revisions.page_revision, name="page_revision"),
    path(
        "writing/<int:pk>/history/<int:number>/restore/",
        revisions.page_restore,
        name="page_restore",
    ),
    path("writing/<int:pk>/review/", reviewing.page_review_ask, name="page_review_ask"),
    path("writing/<int:pk>/move/", arranging.page_move, name="page_move"),
    path("writing/<int:pk>/place/", arranging.page_place, name="page_place"),
    path("writing/reviews/", reviewing.reviews, name="reviews"),
    path("writing/reviews/<int:pk>/", reviewing.review, name="review"),
    path("writing/reviews/<int:pk>/withdraw/", reviewing.review_withdraw, name="review_withdraw"),
    path("writing/tree/<slug:code>/", arranging.manual_tree, name="manual_tree"),
    path("writing/rules/<slug:code>/", arranging.manual_rules, name="manual_rules"),
    path("writing/links/<slug:code>/", arranging.manual_links, name="manual_links"),
    path("writing/pages/<slug:code>/", writing.page_links, name="page_links"),
    path("writing/<int:pk>/publish/", writing.page_publish, name="page_publish"),
    path("writing/<int:pk>/retire/", writing.page_retire, name="page_retire"),
]
