"""The only writers of tickets and causes. Each action: guard, change, event, outbox, poke."""

from tickets.actions.asking import forget_questions, take_question
from tickets.actions.assigning import assign_by
from tickets.actions.bulk import (
    continue_bulk_run,
    continue_in_background,
    start_bulk_run,
    stop_bulk_run,
    undo_bulk_run,
)
from tickets.actions.bursting import attach_later, dismiss_burst, make_known_issue, reply_to_all
from tickets.actions.causes import describe_cause, link_cause, open_cause, push_ticket
from tickets.actions.chat_logs import ChatLog, ChatTicket, ChatWords, take_in_chat_log
from tickets.actions.closing import announce_closing
from tickets.actions.conversing import add_comment, add_watcher, ask_requester, remove_watcher
from tickets.actions.drafting import (
    add_draft_file,
    add_submit_draft_file,
    discard_draft,
    discard_submit_draft,
    forget_submit_drafts,
    remove_draft_file,
    remove_submit_draft_file,
    save_draft,
    save_submit_draft,
)
from tickets.actions.driving import change_driver, drive_ticket, set_driver_state
from tickets.actions.ending import (
    auto_confirm_ticket,
    confirm_ticket,
    merge_ticket,
    reject_ticket,
    reopen_ticket,
    resolve_ticket,
    restore_ticket,
    withdraw_ticket,
)
from tickets.actions.helping import Found, note_help, say_solved, take_back_solved
from tickets.actions.history import record_history
from tickets.actions.holding import assign_ticket, claim_ticket, transfer_ticket
from tickets.actions.known_issues import declare_known_issue
from tickets.actions.macros import (
    bring_back_macro,
    create_macro,
    edit_macro,
    may_share,
    rehearse_macro,
    retire_macro,
    run_macro,
)
from tickets.actions.mailboxes import create_mailbox, edit_mailbox, try_mailbox
from tickets.actions.mentioning import preview_mentions
from tickets.actions.moving import (
    deliver_relay,
    move_up,
    relay_ticket,
    return_relay,
    return_ticket,
)
from tickets.actions.owner_links import answer_by_link
from tickets.actions.owning import (
    accept_cause,
    change_promised_date,
    decline_cause,
    deliver_cause,
)
from tickets.actions.policies import create_default_policy, create_policy, edit_policy
from tickets.actions.procedures import (
    StepDraft,
    bring_back_procedure,
    create_procedure,
    edit_procedure,
    retire_procedure,
    tick_step,
    untick_step,
)
from tickets.actions.pushing import (
    chase_cause,
    name_owner,
    push_cause,
    remind_owner,
    say_what_waits,
)
from tickets.actions.rating import rate_ticket
from tickets.actions.reckoning import (
    continue_due_run,
    reckon_again,
    reckon_provisional,
    resume_due_runs,
    start_due_run,
)
from tickets.actions.rehearsing import start_trial, stop_trial
from tickets.actions.relating import link_tickets, split_ticket, unlink_tickets
from tickets.actions.robots import create_robot, edit_robot, try_robot
from tickets.actions.rules import (
    RuleDraft,
    activate_rule,
    create_rule,
    edit_rule,
    order_rules,
    switch_off_rule,
)
from tickets.actions.saved_views import (
    copy_view,
    create_view,
    delete_view,
    edit_view,
    restore_view,
)
from tickets.actions.serving import serve_ticket, skip_ticket
from tickets.actions.submitting import EDITABLE, TicketDraft, edit_ticket, submit_ticket
from tickets.actions.sweeping import tell_due
from tickets.actions.tagging import tag_ticket
from tickets.actions.telling import tell_people
from tickets.actions.undoing import Undone, undo_act
from tickets.actions.voices import (
    ask_whether_it_works,
    confirm_same_here,
    drive_same_here,
    expire_same_heres,
    refuse_same_here,
    same_here,
    take_back_same_here,
)
from tickets.actions.widget import (
    create_widget_secret,
    forget_widget_sessions,
    open_widget_session,
    set_widget_site,
    stop_widget_secret,
)

__all__ = [
    "EDITABLE",
    "ChatLog",
    "ChatTicket",
    "ChatWords",
    "Found",
    "RuleDraft",
    "StepDraft",
    "TicketDraft",
    "Undone",
    "accept_cause",
    "activate_rule",
    "add_comment",
    "add_draft_file",
    "add_submit_draft_file",
    "add_watcher",
    "announce_closing",
    "answer_by_link",
    "ask_requester",
    "ask_whether_it_works",
    "assign_by",
    "assign_ticket",
    "attach_later",
    "auto_confirm_ticket",
    "bring_back_macro",
    "bring_back_procedure",
    "change_driver",
    "change_promised_date",
    "chase_cause",
    "claim_ticket",
    "confirm_same_here",
    "confirm_ticket",
    "continue_bulk_run",
    "continue_due_run",
    "continue_in_background",
    "copy_view",
    "create_default_policy",
    "create_macro",
    "create_mailbox",
    "create_policy",
    "create_procedure",
    "create_robot",
    "create_rule",
    "create_view",
    "create_widget_secret",
    "declare_known_issue",
    "decline_cause",
    "delete_view",
    "deliver_cause",
    "deliver_relay",
    "describe_cause",
    "discard_draft",
    "discard_submit_draft",
    "dismiss_burst",
    "drive_same_here",
    "drive_ticket",
    "edit_macro",
    "edit_mailbox",
    "edit_policy",
    "edit_procedure",
    "edit_robot",
    "edit_rule",
    "edit_ticket",
    "edit_view",
    "expire_same_heres",
    "forget_questions",
    "forget_submit_drafts",
    "forget_widget_sessions",
    "link_cause",
    "link_tickets",
    "make_known_issue",
    "may_share",
    "merge_ticket",
    "move_up",
    "name_owner",
    "note_help",
    "open_cause",
    "open_widget_session",
    "order_rules",
    "preview_mentions",
    "push_cause",
    "push_ticket",
    "rate_ticket",
    "reckon_again",
    "reckon_provisional",
    "record_history",
    "refuse_same_here",
    "rehearse_macro",
    "reject_ticket",
    "relay_ticket",
    "remind_owner",
    "remove_draft_file",
    "remove_submit_draft_file",
    "remove_watcher",
    "reopen_ticket",
    "reply_to_all",
    "resolve_ticket",
    "restore_ticket",
    "restore_view",
    "resume_due_runs",
    "retire_macro",
    "retire_procedure",
    "return_relay",
    "return_ticket",
    "run_macro",
    "same_here",
    "save_draft",
    "save_submit_draft",
    "say_solved",
    "say_what_waits",
    "serve_ticket",
    "set_driver_state",
    "set_widget_site",
    "skip_ticket",
    "split_ticket",
    "start_bulk_run",
    "start_due_run",
    "start_trial",
    "stop_bulk_run",
    "stop_trial",
    "stop_widget_secret",
    "submit_ticket",
    "switch_off_rule",
    "tag_ticket",
    "take_back_same_here",
    "take_back_solved",
    "take_in_chat_log",
    "take_question",
    "tell_due",
    "tell_people",
    "tick_step",
    "transfer_ticket",
    "try_mailbox",
    "try_robot",
    "undo_act",
    "undo_bulk_run",
    "unlink_tickets",
    "untick_step",
    "withdraw_ticket",
]
