"""Feedback items, demands, obligations with their rounds, releases; and what the table keeps."""

from feedback.models.loop import (
    USER,
    Demand,
    FeedbackItem,
    Insight,
    Obligation,
    Release,
    Round,
)

__all__ = [
    "USER",
    "Demand",
    "FeedbackItem",
    "Insight",
    "Obligation",
    "Release",
    "Round",
]
