"""Addresses of this app. Every verb has an address of its own."""

from django.urls import path

from tickets.views import (
    absences,
    attachments,
    board,
    bulk,
    bursts,
    causes,
    chat_log,
    clock,
    composer,
    contract,
    desk,
    exporting,
    fields_of_ticket,
    filters,
    guided,
    help_home,
    helping,
    incoming,
    macros,
    mailboxes,
    manual_pages,
    offers,
    owner,
    owner_link,
    policies,
    procedures,
    related,
    requester,
    robots,
    rules,
    same_here,
    saved_views,
    self_service,
    submit,
    submit_drafts,
    undoing,
    verbs,
    widget,
    widget_announcements,
    widget_settings,
)

urlpatterns = [
    # What is open all day is looked at first.
    path("desk/", desk.desk, name="desk"),
    path("desk/<int:pk>/", desk.ticket, name="ticket"),
    path("help/", help_home.help_home, name="help_home"),
    path("submit/", submit.submit, name="submit"),
    path("submit/suggestions/", helping.submit_suggestions, name="submit_suggestions"),
    path("submit/suggestions/<int:pk>/solved/", helping.help_solved, name="help_solved"),
    path(
        "submit/suggestions/<int:pk>/take-back/",
        helping.help_solved_take_back,
        name="help_solved_take_back",
    ),
    path("desk/<int:pk>/pages/", manual_pages.ticket_pages, name="ticket_pages"),
    path("desk/<int:pk>/page-wrong/", manual_pages.ticket_page_wrong, name="ticket_page_wrong"),
    path("desk/<int:pk>/page-draft/", manual_pages.ticket_page_draft, name="ticket_page_draft"),
    path("desk/pages/<int:pk>/answered/", manual_pages.page_answered, name="page_answered"),
    path("desk/pages/<int:pk>/", manual_pages.page_tickets, name="page_tickets"),
    path("self-service/", self_service.self_service, name="self_service"),
    path("self-service/sessions/", self_service.help_sessions, name="help_sessions"),
    path("submit/draft/", submit_drafts.submit_draft, name="submit_draft"),
    path("submit/files/", submit_drafts.submit_draft_file, name="submit_draft_file"),
    path(
        "submit/files/<int:pk>/remove/", submit_drafts.submit_file_remove, name="submit_file_remove"
    ),
    path("submit/files/<int:pk>/<str:name>", submit_drafts.submit_file, name="submit_file"),
    path("known-issues/<int:pk>/same-here/", same_here.same_here, name="same_here"),
    path("my/same-here/<int:pk>/", same_here.my_same_here, name="my_same_here"),
    path(
        "my/same-here/<int:pk>/confirm/",
        same_here.my_same_here_confirm,
        name="my_same_here_confirm",
    ),
    path(
        "my/same-here/<int:pk>/refuse/", same_here.my_same_here_refuse, name="my_same_here_refuse"
    ),
    path(
        "my/same-here/<int:pk>/take-back/",
        same_here.my_same_here_take_back,
        name="my_same_here_take_back",
    ),
    path(
        "causes/<int:pk>/ask-same-heres/",
        same_here.cause_ask_same_heres,
        name="cause_ask_same_heres",
    ),
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
    path("chat/<str:key>/", robots.robot_call, name="robot_call"),
    path("settings/robots/", robots.settings_robots, name="settings_robots"),
    path("settings/robots/new/<slug:app>/", robots.settings_robots_new, name="settings_robots_new"),
    path("settings/robots/<int:pk>/", robots.settings_robots_edit, name="settings_robots_edit"),
    path("settings/robots/<int:pk>/try/", robots.settings_robots_try, name="settings_robots_try"),
    path(
        "settings/robots/<int:pk>/state/",
        robots.settings_robots_state,
        name="settings_robots_state",
    ),
    path("desk/chat/", chat_log.chat_log, name="chat_log"),
    path("desk/chat/done/", chat_log.chat_log_done, name="chat_log_done"),
    path("desk/bulk/", bulk.bulk_runs, name="bulk_runs"),
    path("desk/bulk/<int:pk>/", bulk.bulk_run, name="bulk_run"),
    path("desk/bulk/<int:pk>/stop/", bulk.bulk_stop, name="bulk_stop"),
    path("desk/bulk/<int:pk>/undo/", bulk.bulk_undo, name="bulk_undo"),
    *(
        path(
            f"desk/bulk/{verb.replace('_', '-')}/",
            bulk.bulk_act,
            {"verb": verb},
            name=f"bulk_{verb}",
        )
        for verb in bulk.BULK
    ),
    path("desk/incoming/", incoming.incoming, name="incoming"),
    path("desk/incoming/<int:pk>/", incoming.incoming_message, name="incoming_message"),
    path("desk/incoming/<int:pk>/raw/", incoming.incoming_raw, name="incoming_raw"),
    path("desk/incoming/<int:pk>/again/", incoming.incoming_try_again, name="incoming_try_again"),
    path("desk/incoming/<int:pk>/discard/", incoming.incoming_discard, name="incoming_discard"),
    path("settings/mailboxes/", mailboxes.settings_mailboxes, name="settings_mailboxes"),
    path(
        "settings/mailboxes/new/", mailboxes.settings_mailboxes_new, name="settings_mailboxes_new"
    ),
    path(
        "settings/mailboxes/<int:pk>/",
        mailboxes.settings_mailboxes_edit,
        name="settings_mailboxes_edit",
    ),
    path(
        "settings/mailboxes/<int:pk>/try/",
        mailboxes.settings_mailboxes_try,
        name="settings_mailboxes_try",
    ),
    path(
        "settings/mailboxes/<int:pk>/state/",
        mailboxes.settings_mailboxes_state,
        name="settings_mailboxes_state",
    ),
    path("desk/filter/", filters.desk_filter, name="desk_filter"),
    path("desk/board/column/", board.board_column, name="board_column"),
    path("desk/<int:pk>/place/", board.ticket_place, name="ticket_place"),
    path("desk/display/", filters.desk_display, name="desk_display"),
    path("desk/export/<str:kind>/", exporting.desk_export, name="desk_export"),
    path("desk/views/new/", saved_views.view_new, name="view_new"),
    path("desk/views/<int:pk>/edit/", saved_views.view_edit, name="view_edit"),
    path("desk/views/<int:pk>/update/", saved_views.view_update, name="view_update"),
    path("desk/views/<int:pk>/copy/", saved_views.view_copy, name="view_copy"),
    path("desk/views/<int:pk>/delete/", saved_views.view_delete, name="view_delete"),
    path("desk/views/<int:pk>/restore/", saved_views.view_restore, name="view_restore"),
    path("desk/views/<int:pk>/count/", saved_views.view_count, name="view_count"),
    path("desk/guided/", guided.guided, name="guided"),
    path("desk/guided/next/", guided.guided_next, name="guided_next"),
    path("desk/<int:pk>/skip/", guided.ticket_skip, name="ticket_skip"),
    path("desk/<int:pk>/undo/<int:version>/", undoing.ticket_undo, name="ticket_undo"),
    path("my/<int:pk>/undo/<int:version>/", undoing.my_ticket_undo, name="my_ticket_undo"),
    path("desk/<int:pk>/edit/", contract.ticket_edit, name="ticket_edit"),
    path("desk/<int:pk>/fields/", fields_of_ticket.ticket_fields, name="ticket_fields"),
    path("desk/<int:pk>/holders/", offers.ticket_holders, name="ticket_holders"),
    path("desk/<int:pk>/teams/", offers.ticket_teams, name="ticket_teams"),
    path("desk/<int:pk>/clock/", clock.ticket_clock, name="ticket_clock"),
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
    path("settings/policies/", policies.settings_policies, name="settings_policies"),
    path("settings/policies/new/", policies.settings_policies_new, name="settings_policies_new"),
    path(
        "settings/policies/<int:pk>/",
        policies.settings_policies_edit,
        name="settings_policies_edit",
    ),
    path("settings/policies/runs/<int:pk>/", policies.settings_due_run, name="settings_due_run"),
    path("pushed/", owner.owner_page, name="owner_page"),
    path("o/<str:token>/", owner_link.owner_link, name="owner_link"),
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
    path("desk/<int:pk>/macros/", macros.ticket_macros, name="ticket_macros"),
    path("desk/<int:pk>/macros/<int:macro>/", macros.ticket_macro, name="ticket_macro"),
    *(
        pattern
        for root, name, said in (
            ("macros/", "macro", {"shared": False}),
            ("settings/macros/", "shared_macro", {"shared": True}),
        )
        for pattern in (
            path(root, macros.macro_list, said, name=f"{name}s"),
            path(f"{root}new/", macros.macro_edit, said, name=f"{name}_new"),
            path(f"{root}<int:pk>/", macros.macro_edit, said, name=name),
            path(f"{root}<int:pk>/retire/", macros.macro_retire, said, name=f"{name}_retire"),
            path(
                f"{root}<int:pk>/bring-back/",
                macros.macro_bring_back,
                said,
                name=f"{name}_bring_back",
            ),
        )
    ),
    path("desk/<int:pk>/tick/", procedures.ticket_tick, name="ticket_tick"),
    path("settings/procedures/", procedures.procedure_list, name="procedures"),
    path("settings/procedures/new/", procedures.procedure_edit, name="procedure_new"),
    path("settings/procedures/<int:pk>/", procedures.procedure_edit, name="procedure"),
    path(
        "settings/procedures/<int:pk>/retire/",
        procedures.procedure_retire,
        name="procedure_retire",
    ),
    path(
        "settings/procedures/<int:pk>/bring-back/",
        procedures.procedure_bring_back,
        name="procedure_bring_back",
    ),
    path("conversation/<int:pk>/draft/", composer.ticket_draft, name="ticket_draft"),
    path("conversation/<int:pk>/files/", composer.ticket_draft_file, name="ticket_draft_file"),
    path("conversation/<int:pk>/preview/", composer.ticket_preview, name="ticket_preview"),
    path("conversation/<int:pk>/people/", composer.ticket_people, name="ticket_people"),
    path("draft-files/<int:pk>/remove/", composer.draft_file_remove, name="draft_file_remove"),
    path("draft-files/<int:pk>/<str:name>", composer.draft_file, name="draft_file"),
    path("absences/", absences.absences, name="absences"),
    path("absences/<int:pk>/take-back/", absences.absence_take_back, name="absence_take_back"),
    path("absences/hand-over/<int:pk>/", absences.hand_over, name="hand_over"),
    path("desk/bursts/", bursts.desk_bursts, name="desk_bursts"),
    path("bursts/<int:pk>/known-issue/", bursts.burst_known_issue, name="burst_known_issue"),
    path("bursts/<int:pk>/attach/", bursts.burst_attach, name="burst_attach"),
    path("bursts/<int:pk>/dismiss/", bursts.burst_dismiss, name="burst_dismiss"),
    path("causes/<int:pk>/reply-to-all/", bursts.cause_reply_all, name="cause_reply_all"),
    path("desk/<int:pk>/rules/", rules.ticket_rules, name="ticket_rules"),
    path("settings/rules/", rules.settings_rules, name="settings_rules"),
    path("settings/rules/new/", rules.settings_rule_new, name="settings_rule_new"),
    path("settings/rules/<int:pk>/", rules.settings_rule, name="settings_rule"),
    path("settings/rules/<int:pk>/dry-run/", rules.settings_rule_try, name="settings_rule_try"),
    *(
        path(
            f"settings/rules/<int:pk>/{act}/",
            rules.settings_rule_do,
            {"act": act},
            name=f"settings_rule_{act}",
        )
        for act in rules.RULE_ACTS
    ),
    path(
        "settings/rules/dry-runs/<int:pk>/", rules.settings_rule_trial, name="settings_rule_trial"
    ),
    path(
        "settings/rules/dry-runs/<int:pk>/stop/",
        rules.settings_rule_trial_stop,
        name="settings_rule_trial_stop",
    ),
    path("widget.js", widget.widget_script, name="widget_script"),
    path("widget/<slug:code>/", widget.widget_frame, name="widget_frame"),
    path("widget/<slug:code>/session/", widget.widget_session, name="widget_session"),
    path("widget/<slug:code>/news/", widget.widget_news, name="widget_news"),
    path("widget/<slug:code>/home/", widget.widget_home, name="widget_home"),
    path("widget/<slug:code>/submit/", widget.widget_submit, name="widget_submit"),
    path(
        "widget/<slug:code>/same-here/<int:pk>/", widget.widget_same_here, name="widget_same_here"
    ),
    path("widget/<slug:code>/found/", widget.widget_suggestions, name="widget_suggestions"),
    path(
        "widget/<slug:code>/announced/<int:pk>/",
        widget_announcements.widget_announced,
        name="widget_announced",
    ),
    path(
        "widget/<slug:code>/announcements/<int:pk>/",
        widget_announcements.widget_announcement,
        name="widget_announcement",
    ),
    path(
        "widget/<slug:code>/announcements/<int:pk>/<slug:act>/",
        widget_announcements.widget_announcement_act,
        name="widget_announcement_act",
    ),
    path("settings/widget/", widget_settings.settings_widget, name="settings_widget"),
    path(
        "settings/widget/<int:pk>/",
        widget_settings.settings_widget_edit,
        name="settings_widget_edit",
    ),
    path(
        "settings/widget/<int:pk>/secret/",
        widget_settings.settings_widget_secret,
        name="settings_widget_secret",
    ),
    path(
        "settings/widget/<int:pk>/try/",
        widget_settings.settings_widget_try,
        name="settings_widget_try",
    ),
    path(
        "settings/widget/secrets/<int:pk>/stop/",
        widget_settings.settings_widget_stop,
        name="settings_widget_stop",
    ),
    path("attachments/<int:pk>/<str:name>", attachments.attachment, name="attachment"),
]
