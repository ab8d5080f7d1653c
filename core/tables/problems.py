"""A file that cannot be used at all."""

from __future__ import annotations

from django.utils.translation import gettext as _


class FileProblem(Exception):
    """The file or the mapping as a whole cannot be used; nothing was imported from here on."""

    def __init__(self, message: str, remedy: str, *, where: str = "", value: str = "") -> None:
        self.message, self.remedy, self.where, self.value = message, remedy, where, value
        super().__init__(message)

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.message}" if self.where else self.message]
        if self.value:
            parts.append(_("Found: %(value)s") % {"value": self.value})
        return "\n".join([*parts, self.remedy])
