"""Addresses of the API of manuals, announcements and training, below /api/v1/."""

from django.urls import path

from docs_portal.api.announcements import AnnouncementAcknowledge, AnnouncementList
from docs_portal.api.debt import (
    DebtDetail,
    DebtGiveBack,
    DebtList,
    DebtSettle,
    DebtTake,
    PageVoiceHear,
    PageVoices,
    PageVoiceSay,
)
from docs_portal.api.manuals import (
    ManualDetail,
    ManualList,
    ManualSearch,
    MyMustReads,
    PageAcknowledge,
    PageDetail,
)
from docs_portal.api.training import (
    CheckIn,
    CourseDetail,
    CourseJoin,
    CourseLeave,
    CoursePeople,
    CourseWatched,
    SessionBook,
    SessionGiveUp,
    TrainingList,
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
    path("pages/<int:pk>/voice", PageVoiceSay.as_view(), name="api_page_voice"),
    path("pages/<int:pk>/voices", PageVoices.as_view(), name="api_page_voices"),
    path("page-voices/<int:pk>/hear", PageVoiceHear.as_view(), name="api_page_voice_hear"),
    path("manual-debt", DebtList.as_view(), name="api_debt"),
    path("manual-debt/<int:pk>/give-back", DebtGiveBack.as_view(), name="api_debt_give_back"),
    path("manual-debt/<slug:token>", DebtDetail.as_view(), name="api_debt_item"),
    path("manual-debt/<slug:token>/take", DebtTake.as_view(), name="api_debt_take"),
    path("manual-debt/<slug:token>/settle", DebtSettle.as_view(), name="api_debt_settle"),
    path("training", TrainingList.as_view(), name="api_training"),
    path("training/check-in", CheckIn.as_view(), name="api_training_check_in"),
    path("training/<int:pk>", CourseDetail.as_view(), name="api_course"),
    path("training/<int:pk>/join", CourseJoin.as_view(), name="api_course_join"),
    path("training/<int:pk>/leave", CourseLeave.as_view(), name="api_course_leave"),
    path("training/<int:pk>/people", CoursePeople.as_view(), name="api_course_people"),
    path("training/sessions/<int:pk>/book", SessionBook.as_view(), name="api_session_book"),
    path("training/sessions/<int:pk>/give-up", SessionGiveUp.as_view(), name="api_session_give_up"),
    path("training/videos/<int:pk>/watched", CourseWatched.as_view(), name="api_course_watched"),
]
