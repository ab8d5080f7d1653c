"""Addresses of the API of demands and releases, below /api/v1/."""

from django.urls import path

from feedback.api.demands import (
    DEMAND_VERBS,
    DemandDetail,
    DemandList,
    DemandPeople,
    demand_verb_view,
)
from feedback.api.pool import FeedbackGather, FeedbackList, FeedbackSetAside
from feedback.api.releases import (
    RELEASE_VERBS,
    ReleaseDetail,
    ReleaseList,
    ReleasePart,
    release_verb_view,
)

urlpatterns = [
    path("demands", DemandList.as_view(), name="api_demands"),
    path("demands/<int:pk>", DemandDetail.as_view(), name="api_demand"),
    path("demands/<int:pk>/people", DemandPeople.as_view(), name="api_demand_people"),
    *(
        path(
            f"demands/<int:pk>/{verb.name}",
            demand_verb_view(verb).as_view(),
            name=f"api_demand_{verb.name.replace('-', '_')}",
        )
        for verb in DEMAND_VERBS
    ),
    path("feedback", FeedbackList.as_view(), name="api_feedback"),
    path("feedback/<int:pk>/gather", FeedbackGather.as_view(), name="api_feedback_gather"),
    path("feedback/<int:pk>/set-aside", FeedbackSetAside.as_view(), name="api_feedback_set_aside"),
    path("releases", ReleaseList.as_view(), name="api_releases"),
    path("releases/<int:pk>", ReleaseDetail.as_view(), name="api_release"),
    *(
        path(
            f"releases/<int:pk>/{verb.name}",
            release_verb_view(verb).as_view(),
            name=f"api_release_{verb.name.replace('-', '_')}",
        )
        for verb in RELEASE_VERBS
    ),
    path(
        "releases/<int:pk>/parts/<int:part_id>/leave-out",
        ReleasePart.as_view(),
        name="api_release_leave_out",
    ),
]
