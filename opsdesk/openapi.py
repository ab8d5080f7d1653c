"""What the schema of the API says beside its operations: how to call, groups, examples."""

from __future__ import annotations

from typing import Any

DESCRIPTION = """\
Tickets, causes, demands, manuals, training and reports, over the same doors and actions as the \
pages. A walk through it with `curl`: `docs/how-to/use-the-api.md`.

**Signing in.** By a token of a person, which an administrator issues in the settings: \
`Authorization: Bearer opsdesk_…`; one that may only read is refused a write with 403, an unknown, \
revoked or expired one with 401. Pages use their session cookie; a write then also sends the CSRF \
token as `X-CSRFToken`.

**Versions.** A change names the version it read as `If-Match`: missing is 428, stale is 412 with \
each conflicting field. Additions (comments, watchers) name none.

**Retries.** A POST with an `Idempotency-Key` acts once and answers again as the first time.

**Pages of lists.** Newest first; `next` and `previous` are the addresses of the pages beside this \
one, or null. Nothing is counted.

**Refusals.** Every error lists its problems as field, value, message and remedy; nothing was \
written then. What one may not see answers 404 like what is not there. Messages are in the \
person's language; act on `code` and `field`.

**Times** are ISO 8601 with their zone, days are days of the company.
"""

TAGS = {
    "tickets": "Submit, find and handle tickets: one address for each act.",
    "my": "What the asking person submitted, is asked, and is owed.",
    "attachments": "Files of tickets.",
    "causes": "Root causes: push them, answer for them, name the known issue.",
    "known-issues": "What is known to be broken, for everybody.",
    "bulk-runs": "One act over many tickets, with its progress and its undo.",
    "views": "Saved lists of the desk.",
    "rules": "Automation: what a rule did.",
    "policies": "Service targets.",
    "feedback": "What people said outside tickets.",
    "demands": "The demand-tracking table, and who is owed word.",
    "releases": "Releases, their gate and their rounds.",
    "manuals": "Manuals as the asking person's roles show them.",
    "pages": "Single pages of manuals.",
    "manual-search": "Search in the manuals.",
    "manual-debt": "What is missing from the manuals, worst first.",
    "page-voices": "Whether pages helped, and why not.",
    "announcements": "What was announced to the asking person.",
    "training": "Courses, sessions and how far one is with them.",
    "reports": "Frozen weeks, months and quarters, and the rows behind each figure.",
    "outlooks": "What the coming weeks were expected to bring.",
}

#: By component; `tests/api/test_it_documents_itself.py` sends them and compares the answers.
EXAMPLES: dict[str, Any] = {
    "Submit": {
        "product": 2,
        "description": "主管视图里看不到新下属的拜访记录。",
        "impact": 1,
        "urgency": 2,
    },
    "CommentInput": {"body": "在左侧选择团队记录即可。", "kind": "public"},
    "MoveUp": {"level": 3},
    "FeedbackShape": {
        "words": "希望拜访提醒能同步到日历。",
        "person": 9,
        "product": 2,
        "source": "interview",
        "importance": 2,
    },
    "Refusal": {
        "code": "invalid",
        "title": "Invalid input.",
        "problems": [
            {
                "field": "description",
                "value": "",
                "message": "This field may not be blank.",
                "remedy": "Write a few words.",
            }
        ],
    },
}


def add_examples(result: dict[str, Any], **_said: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: the examples into their components. KeyError for one renamed."""
    for name, example in EXAMPLES.items():
        result["components"]["schemas"][name]["example"] = example
    return result


SPECTACULAR_SETTINGS = {
    "TITLE": "OpsDesk API",
    "VERSION": "1",
    "DESCRIPTION": DESCRIPTION,
    "TAGS": [{"name": name, "description": said} for name, said in TAGS.items()],
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "opsdesk.openapi.add_examples",
    ],
    "ENUM_NAME_OVERRIDES": {
        "LevelEnum": "tickets.choices.Level",
        "DemandKindEnum": "feedback.choices.DemandKind",
        "FeedbackSourceEnum": "feedback.choices.FeedbackSource",
        "SpokenSourceEnum": "feedback.choices.SPOKEN_SOURCES",
        "PageKindEnum": "docs_portal.choices.PageKind",
        "PageStatusEnum": "docs_portal.choices.PageStatus",
        "EnrolmentSourceEnum": "docs_portal.choices.EnrolmentSource",
        "VoiceReasonEnum": "docs_portal.choices.VoiceReason",
        "DebtOutcomeEnum": "docs_portal.choices.DebtOutcome",
        "DemandStatusEnum": "feedback.choices.DemandStatus",
        "ReleaseStatusEnum": "feedback.choices.ReleaseStatus",
        "RoundKindEnum": "feedback.choices.RoundKind",
        "RoundStateEnum": "feedback.choices.RoundState",
        "RoundChannelEnum": "feedback.choices.RoundChannel",
        "ObligationReasonEnum": "feedback.choices.ObligationReason",
        "CauseCategoryEnum": "tickets.choices.CauseCategory",
        "TicketStatusEnum": "tickets.choices.Status",
        "TicketChannelEnum": "tickets.choices.Channel",
        "ReturnReasonEnum": "tickets.choices.ReturnReason",
        "CommentKindEnum": "tickets.choices.CommentKind",
        "ClockStateEnum": "tickets.sla.standing.ClockState",
    },
}
