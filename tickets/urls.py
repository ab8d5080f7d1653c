"""Addresses of this app. Every verb has an address of its own."""

from django.urls import path

from tickets.views import (
    attachments,
    causes,
    contract,
    desk,
    help_home,
    owner,
    related,
    requester,
    submit,
    verbs,
)

urlpatterns = [
    path("help/", help_home.help_home, name="help_home"),
    path("submit/", submit.submit, name="submit"),
    path("submit/suggestions/", submit.submit_suggestions, name="submit_suggestions"),
    path("people/", submit.people_options, name="people_options"),
    path("my/", requester.my_tickets, name="my_tickets"),
    path("my/<int:pk>/", requester.my_ticket, name="my_ticket"),
    *(
        path(
            f"my/<int:pk>/{verb.replace('_', '-')}/",
            verbs.my_ticket_verb,
            {"verb": verb},
            name=f"my_ticket_{verb}",
        )
        for verb in verbs.OWN_VERBS
    ),
    path("desk/", desk.desk, name="desk"),
    path("desk/<int:pk>/", desk.ticket, name="ticket"),
    path("desk/<int:pk>/edit/", contract.ticket_edit, name="ticket_edit"),
    path("desk/<int:pk>/related/", related.ticket_related, name="ticket_related"),
    *(
        path(
            f"desk/<int:pk>/{verb.replace('_', '-')}/",
            verbs.ticket_verb,
            {"verb": verb},
            name=f"ticket_{verb}",
        )
        for verb in verbs.VERBS
    ),
    path("pushed/", owner.owner_page, name="owner_page"),
    path("causes/<int:pk>/", causes.cause, name="cause"),
    *(
        path(
            f"causes/<int:pk>/{verb.replace('_', '-')}/",
            causes.cause_verb,
            {"verb": verb},
            name=f"cause_{verb}",
        )
        for verb in causes.CAUSE_VERBS
    ),
    path("attachments/<int:pk>/<str:name>", attachments.attachment, name="attachment"),
]
