"""Composition root: settings, addresses, Celery, system checks and the home page."""

from opsdesk.celery import app as celery_app

__all__ = ["celery_app"]
