"""System checks of what the product needs from its servers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections


@register(Tags.database)
def trigrams_see_chinese(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """With a plain C locale pg_trgm sees no letters in Chinese and search would scan."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
            if cursor.fetchone() is None:
                continue
            cursor.execute("SELECT similarity('订单无法导出', '订单导出失败') > 0")
            if not cursor.fetchone()[0]:
                found.append(
                    Error(
                        "The database's character type does not know Chinese letters.",
                        hint="Create it with LC_CTYPE C.UTF-8 (or another UTF-8 locale).",
                        id="opsdesk.E001",
                    )
                )
    return found
