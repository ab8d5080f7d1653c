"""Demands found by words, and how far the people behind them are."""

from feedback.search.finding import DemandSearch, suggestion_of
from feedback.search.paging import TablePage, table_page
from feedback.search.told import Told, told_of

__all__ = ["DemandSearch", "TablePage", "Told", "suggestion_of", "table_page", "told_of"]
