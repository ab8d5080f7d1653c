"""What a new page of each kind begins with, in its writer's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from docs_portal.choices import PageKind


def outline_of(kind: str) -> str:
    """The headings a page of this kind has, each with what belongs below it."""
    parts = {
        PageKind.INTRODUCTION: (
            (_("What it is"), _("One paragraph in the words of the people who use it.")),
            (_("What it solves"), _("Which work becomes easier, and what it does not do.")),
            (_("Whom it concerns"), _("Roles, and what each of them does with it.")),
        ),
        PageKind.ACCESS: (
            (_("Who gets access"), _("Roles and departments.")),
            (_("How to get it"), _("1. First step")),
            (_("When it does not work"), _("What one sees, and whom to ask.")),
        ),
        PageKind.SERVICE_GUIDE: (
            (_("When to use it"), _("The situation in which somebody opens this page.")),
            (_("What we need from you"), _("- What to have ready")),
            (_("What happens next"), _("Who does what, and how long it takes.")),
        ),
        PageKind.TECHNICAL_GUIDE: (
            (_("How it works"), _("The parts and how they meet.")),
            (_("Settings"), _("Each setting, its values and what it changes.")),
            (_("When it fails"), _("What one sees, the cause, what to do.")),
        ),
        PageKind.EXAMPLE: (
            (_("The situation"), _("Who wanted what.")),
            (_("Step by step"), _("1. First step")),
            (_("What came of it"), _("What was better afterwards.")),
        ),
    }.get(
        PageKind(kind),
        (
            (_("When to use it"), _("The situation in which somebody opens this page.")),
            (_("Steps"), _("1. First step")),
            (_("Questions"), _("What people ask about it.")),
        ),
    )
    return "\n\n".join(f"## {heading}\n\n{words}" for heading, words in parts) + "\n"
