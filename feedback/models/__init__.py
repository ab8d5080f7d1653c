"""Feedback items, demands, obligations with their rounds, releases; and what the table keeps."""

from feedback.models.carrying import CarriedObligation, Carry, RolloutPart
from feedback.models.imports import DemandImport, DemandKey, ImportRow
from feedback.models.loop import (
    USER,
    Demand,
    FeedbackItem,
    Insight,
    Obligation,
    Release,
    Round,
)
from feedback.models.scores import DemandScore, ScoreFormula
from feedback.models.table import DemandView, TableEdit, TableLayout

__all__ = [
    "USER",
    "CarriedObligation",
    "Carry",
    "Demand",
    "DemandImport",
    "DemandKey",
    "DemandScore",
    "DemandView",
    "FeedbackItem",
    "ImportRow",
    "Insight",
    "Obligation",
    "Release",
    "RolloutPart",
    "Round",
    "ScoreFormula",
    "TableEdit",
    "TableLayout",
]
