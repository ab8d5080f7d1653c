"""Addresses of this app. Every verb has an address of its own."""

from django.urls import path

from feedback.views import (
    deciding,
    demands,
    driving,
    files,
    insights,
    kept,
    mine,
    notes,
    pool,
    releases,
    scores,
    shapes,
    table,
)

urlpatterns = [
    path("demands/", table.demands, name="demands"),
    path("demands/rows/", table.demands_rows, name="demands_rows"),
    path("demands/similar/", table.demands_similar, name="demands_similar"),
    path("demands/sums/", table.demands_sums, name="demands_sums"),
    path("demands/cells/", table.demands_cells, name="demands_cells"),
    path("demands/cells/<int:pk>/undo/", table.demands_undo, name="demands_undo"),
    path("demands/offer/", table.demands_offer, name="demands_offer"),
    path("demands/column/", shapes.demands_column, name="demands_column"),
    path("demands/filter/", kept.demands_filter, name="demands_filter"),
    path("demands/display/", kept.demands_display, name="demands_display"),
    path("demands/views/new/", kept.demand_view_new, name="demand_view_new"),
    *(
        path(f"demands/views/<int:pk>/{verb}/", view, name=f"demand_view_{verb}")
        for verb, view in (
            ("edit", kept.demand_view_edit),
            ("update", kept.demand_view_update),
            ("copy", kept.demand_view_copy),
            ("delete", kept.demand_view_delete),
            ("restore", kept.demand_view_restore),
        )
    ),
    path("demands/<int:pk>/place/", shapes.demand_place, name="demand_place"),
    path("demands/new/", demands.demand_new, name="demand_new"),
    path("demands/drive/<int:ticket_id>/", driving.demand_drive, name="demand_drive"),
    path("demands/export/<str:kind>/", files.demands_export, name="demands_export"),
    path("demands/import/", files.demands_import, name="demands_import"),
    path("demands/import/<int:pk>/", files.demand_import, name="demand_import"),
    path(
        "demands/import/<int:pk>/carry-out/",
        files.demand_import_carry_out,
        name="demand_import_carry_out",
    ),
    path(
        "demands/import/<int:pk>/take-back/",
        files.demand_import_take_back,
        name="demand_import_take_back",
    ),
    path(
        "demands/import/<int:pk>/refused.csv",
        files.demand_import_refused,
        name="demand_import_refused",
    ),
    path("demands/feedback/", pool.feedback_pool, name="feedback_pool"),
    path("demands/feedback/new/", pool.feedback_new, name="feedback_new"),
    path("demands/feedback/gather/", pool.feedback_gather, name="feedback_gather"),
    path(
        "demands/feedback/<int:pk>/set-aside/", pool.feedback_set_aside, name="feedback_set_aside"
    ),
    path(
        "demands/feedback/<int:pk>/take-back/", pool.feedback_take_back, name="feedback_take_back"
    ),
    path("demands/feedback/import/", files.feedback_import, name="feedback_import"),
    path("my/demands/feedback/", pool.my_feedback, name="my_feedback"),
    path("my/demands/", mine.my_demands, name="my_demands"),
    path("my/demands/<int:pk>/support/", mine.my_demand_support, name="my_demand_support"),
    path("demands/compare/", scores.demand_compare, name="demand_compare"),
    path("demands/<int:pk>/", demands.demand, name="demand"),
    path("demands/<int:pk>/score/", scores.demand_score, name="demand_score"),
    path("settings/scores/", scores.settings_scores, name="settings_scores"),
    path("demands/raised/", notes.demands_raised, name="demands_raised"),
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
    path("releases/<int:pk>/progress/", releases.release_progress, name="release_progress"),
    path(
        "releases/<int:pk>/leave-out/<int:part_id>/",
        releases.release_leave_out,
        name="release_leave_out",
    ),
    path("release-notes/", notes.release_notes, name="release_notes"),
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
