"""People, departments, positions, sign-in and preferences."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
