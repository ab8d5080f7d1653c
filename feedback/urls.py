"""Addresses of this app. Every verb has an address of its own."""

from django.urls import path

from feedback.views import deciding, demands, driving, insights, releases

urlpatterns = [
    path("demands/", demands.demands, name="demands"),
    path("demands/new/", demands.demand_new, name="demand_new"),
    path("demands/drive/<int:ticket_id>/", driving.demand_drive, name="demand_drive"),
    path("demands/<int:pk>/", demands.demand, name="demand"),
    path("demands/<int:pk>/answer/", deciding.demand_answer, name="demand_answer"),
    *(
        path(
            f"demands/<int:pk>/{verb.replace('_', '-')}/",
            deciding.demand_verb,
            {"verb": verb},
            name=f"demand_{verb}",
        )
        for verb in deciding.VERBS
    ),
    path("releases/", releases.releases, name="releases"),
    path("releases/new/", releases.release_new, name="release_new"),
    path("releases/<int:pk>/", releases.release, name="release"),
    path("releases/<int:pk>/gate/", releases.release_gate, name="release_gate"),
    path(
        "releases/<int:pk>/take-out/<int:demand_id>/",
        releases.release_take_out,
        name="release_take_out",
    ),
    *(
        path(
            f"releases/<int:pk>/{verb.replace('_', '-')}/",
            releases.release_verb,
            {"verb": verb},
            name=f"release_{verb}",
        )
        for verb in releases.RELEASE_VERBS
    ),
    path("insights/", insights.insights, name="insights"),
    path("insights/new/", insights.insight_new, name="insight_new"),
    path("insights/<int:pk>/", insights.insight, name="insight"),
]
