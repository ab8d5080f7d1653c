"""Addresses of this app. Every verb has an address of its own."""

from django.urls import path

from tickets.views import (
    attachments,
    causes,
    composer,
    contract,
    desk,
    help_home,
    offers,
    owner,
    related,
    requester,
    submit,
    undoing,
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
    path("desk/<int:pk>/undo/<int:version>/", undoing.ticket_undo, name="ticket_undo"),
    path("my/<int:pk>/undo/<int:version>/", undoing.my_ticket_undo, name="my_ticket_undo"),
    path("desk/<int:pk>/edit/", contract.ticket_edit, name="ticket_edit"),
    path("desk/<int:pk>/holders/", offers.ticket_holders, name="ticket_holders"),
    path("desk/<int:pk>/teams/", offers.ticket_teams, name="ticket_teams"),
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
    path("conversation/<int:pk>/draft/", composer.ticket_draft, name="ticket_draft"),
    path("conversation/<int:pk>/files/", composer.ticket_draft_file, name="ticket_draft_file"),
    path("conversation/<int:pk>/preview/", composer.ticket_preview, name="ticket_preview"),
    path("conversation/<int:pk>/people/", composer.ticket_people, name="ticket_people"),
    path("draft-files/<int:pk>/remove/", composer.draft_file_remove, name="draft_file_remove"),
    path("draft-files/<int:pk>/<str:name>", composer.draft_file, name="draft_file"),
    path("attachments/<int:pk>/<str:name>", attachments.attachment, name="attachment"),
]
