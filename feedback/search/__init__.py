"""Demands found by words, the lists of the table, and how far the people behind them are."""

from feedback.search.finding import DemandSearch, suggestion_of
from feedback.search.told import Told, told_of, told_of_release

__all__ = ["DemandSearch", "Told", "suggestion_of", "told_of", "told_of_release"]
