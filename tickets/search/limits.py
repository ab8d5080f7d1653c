"""A limit of time for lists and counts somebody made up, so that none holds the house up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _
from psycopg2.errors import QueryCanceled

from core.errors import Problem, Refused

#: Milliseconds: a list or count somebody waits for, and a count that goes along with every page.
WAITED_FOR = 5000
ALONG = 150


class TooLong(Refused):
    """The database needed longer than the limit and was stopped."""

    code = "too_long"
    status = 503
    title = _("This took too long and was stopped.")


@contextmanager
def at_most(milliseconds: int) -> Iterator[None]:
    """Stop each query within after so long. Raises TooLong; the transaction can go on."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('statement_timeout'),"
                " set_config('statement_timeout', %s, true)",
                [str(milliseconds)],
            )
            (before, _now) = cursor.fetchone()
            yield
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        raise TooLong(
            Problem(
                "f",
                _("This list is too long to be sorted or counted this way; it was stopped."),
                _("Narrow it, for example to a status or the last 30 days, or sort by newest."),
            )
        ) from error
