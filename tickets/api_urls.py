"""Addresses of the API of tickets and causes, below /api/v1/."""

from django.urls import path

from tickets.api.bulk import BulkRunDetail, BulkRunList, BulkRunStop, BulkRunUndo
from tickets.api.causes import CAUSE_VERBS, CauseDetail, CauseList, cause_verb_view
from tickets.api.comments import AttachmentDetail, CommentList
from tickets.api.mine import MyTicketList, QuestionList, TicketStanding
from tickets.api.policies import PolicyDetail, PolicyList
from tickets.api.rules import RuleDetail, RuleList, RuleRunList
from tickets.api.same_here import (
    OWN_VERBS,
    CauseSameHereList,
    KnownIssueList,
    KnownIssueSameHere,
    MySameHereList,
    TicketSameHere,
)
from tickets.api.tickets import TicketDetail, TicketList
from tickets.api.verbs import VERBS, verb_view
from tickets.api.views import SavedViewDetail, SavedViewList, SavedViewRestore

urlpatterns = [
    path("tickets", TicketList.as_view(), name="api_tickets"),
    path("tickets/<int:pk>", TicketDetail.as_view(), name="api_ticket"),
    path("tickets/<int:pk>/comments", CommentList.as_view(), name="api_comments"),
    *(
        path(
            f"tickets/<int:pk>/{verb.name}",
            verb_view(verb).as_view(),
            name=f"api_ticket_{verb.name.replace('-', '_')}",
        )
        for verb in VERBS
    ),
    path("tickets/<int:pk>/standing", TicketStanding.as_view(), name="api_ticket_standing"),
    path("my/tickets", MyTicketList.as_view(), name="api_my_tickets"),
    path("my/questions", QuestionList.as_view(), name="api_my_questions"),
    path("bulk-runs", BulkRunList.as_view(), name="api_bulk_runs"),
    path("bulk-runs/<int:pk>", BulkRunDetail.as_view(), name="api_bulk_run"),
    path("bulk-runs/<int:pk>/stop", BulkRunStop.as_view(), name="api_bulk_run_stop"),
    path("bulk-runs/<int:pk>/undo", BulkRunUndo.as_view(), name="api_bulk_run_undo"),
    path("attachments/<int:pk>", AttachmentDetail.as_view(), name="api_attachment"),
    path("views", SavedViewList.as_view(), name="api_views"),
    path("views/<int:pk>", SavedViewDetail.as_view(), name="api_view"),
    path("views/<int:pk>/restore", SavedViewRestore.as_view(), name="api_view_restore"),
    path("policies", PolicyList.as_view(), name="api_policies"),
    path("policies/<int:pk>", PolicyDetail.as_view(), name="api_policy"),
    path("rules", RuleList.as_view(), name="api_rules"),
    path("rules/<int:pk>", RuleDetail.as_view(), name="api_rule"),
    path("tickets/<int:pk>/rule-runs", RuleRunList.as_view(), name="api_ticket_rule_runs"),
    path("known-issues", KnownIssueList.as_view(), name="api_known_issues"),
    path(
        "known-issues/<int:pk>/same-here",
        KnownIssueSameHere.as_view(),
        name="api_known_issue_same_here",
    ),
    path("tickets/<int:pk>/same-here", TicketSameHere.as_view(), name="api_ticket_same_here"),
    path("causes/<int:pk>/same-heres", CauseSameHereList.as_view(), name="api_cause_same_heres"),
    path("my/same-heres", MySameHereList.as_view(), name="api_my_same_heres"),
    *(
        path(
            f"my/same-heres/<int:pk>/{name}",
            view.as_view(),
            name=f"api_my_same_here_{name.replace('-', '_')}",
        )
        for name, view in OWN_VERBS.items()
    ),
    path("causes", CauseList.as_view(), name="api_causes"),
    path("causes/<int:pk>", CauseDetail.as_view(), name="api_cause"),
    *(
        path(
            f"causes/<int:pk>/{verb.name}",
            cause_verb_view(verb).as_view(),
            name=f"api_cause_{verb.name.replace('-', '_')}",
        )
        for verb in CAUSE_VERBS
    ),
]
