"""Service targets (SLA)."""

from __future__ import annotations

from django.db import models

from tickets.choices import Priority


class ServiceTarget(models.Model):
    """Working time to first response and to resolution, by priority (SLA)."""

    priority = models.PositiveSmallIntegerField(choices=Priority.choices, unique=True)
    response_seconds = models.PositiveIntegerField()
    resolution_seconds = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"P{self.priority}"
