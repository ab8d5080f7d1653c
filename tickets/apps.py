"""Tickets, the five levels, causes and conversation."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"
