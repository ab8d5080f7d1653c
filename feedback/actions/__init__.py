"""The only writers of feedback, demands, obligations, rounds, releases and insights."""

from feedback.actions.answering import answer_from_ticket, answer_round, expire_round
from feedback.actions.carrying import merge_demand, split_demand, undo_split, unmerge_demand
from feedback.actions.deciding import (
    accept_demand,
    appeal_demand,
    close_demand,
    decline_demand,
    defer_demand,
    evaluate_demand,
    schedule_demand,
    start_development,
    start_testing,
    tell_progress,
)
from feedback.actions.editing import edit_cells, undo_edit
from feedback.actions.gathering import DemandDraft, add_feedback, create_demand, drive_by_demand
from feedback.actions.importing import carry_out_import, start_import, take_back_import
from feedback.actions.keeping import (
    copy_demand_view,
    create_demand_view,
    delete_demand_view,
    edit_demand_view,
    forget_layout,
    keep_layout,
    restore_demand_view,
)
from feedback.actions.pooling import (
    gather_feedback,
    open_demand_for,
    set_aside_feedback,
    take_back_feedback,
)
from feedback.actions.releasing import (
    GATE_FIELDS,
    create_release,
    fail_demand,
    fill_gate,
    publish_release,
    put_in_release,
    roll_back_release,
    see_people,
    verify_demand,
)
from feedback.actions.researching import publish_insight
from feedback.actions.rolling_out import (
    leave_out,
    reach_people,
    roll_out_to,
    roll_out_to_everybody,
)
from feedback.actions.scoring import change_formula, score_demands
from feedback.actions.telling import (
    advance_round,
    bounce_round,
    pass_on_round,
    read_rounds,
    remind_of_round,
)

__all__ = [
    "GATE_FIELDS",
    "DemandDraft",
    "accept_demand",
    "add_feedback",
    "advance_round",
    "answer_from_ticket",
    "answer_round",
    "appeal_demand",
    "bounce_round",
    "carry_out_import",
    "change_formula",
    "close_demand",
    "copy_demand_view",
    "create_demand",
    "create_demand_view",
    "create_release",
    "decline_demand",
    "defer_demand",
    "delete_demand_view",
    "drive_by_demand",
    "edit_cells",
    "edit_demand_view",
    "evaluate_demand",
    "expire_round",
    "fail_demand",
    "fill_gate",
    "forget_layout",
    "gather_feedback",
    "keep_layout",
    "leave_out",
    "merge_demand",
    "open_demand_for",
    "pass_on_round",
    "publish_insight",
    "publish_release",
    "put_in_release",
    "reach_people",
    "read_rounds",
    "remind_of_round",
    "restore_demand_view",
    "roll_back_release",
    "roll_out_to",
    "roll_out_to_everybody",
    "schedule_demand",
    "score_demands",
    "see_people",
    "set_aside_feedback",
    "split_demand",
    "start_development",
    "start_import",
    "start_testing",
    "take_back_feedback",
    "take_back_import",
    "tell_progress",
    "undo_edit",
    "undo_split",
    "unmerge_demand",
    "verify_demand",
]
