"""Facts, roll-ups and the weekly report."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
