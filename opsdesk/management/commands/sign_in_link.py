"""The way in from the machine itself: for the first administrator, and for who is locked out."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.access import nobody_works_here
from accounts.actions import make_sign_in_link
from accounts.models import User
from accounts.policies import beginning_token
from core.errors import Refused


class Command(BaseCommand):
    help = (
        "Prints a link. Without a user name: to the page that makes the first administrator, while "
        "nobody works here. With one: to set a new password for that person, once, for three days."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", nargs="?", default="", help="whose password to set")

    def handle(self, *args: Any, **options: Any) -> None:
        base = settings.BASE_URL.rstrip("/")
        if username := options["username"]:
            self.stdout.write(f"{base}{self._path_of(username)}")
        elif nobody_works_here():
            self.stdout.write("Nobody works here yet. Make the first administrator at")
            self.stdout.write(f"  {base}{reverse('begin', args=[beginning_token()])}")
        else:
            raise CommandError(
                "There are people here already. Name one who cannot sign in: "
                "manage.py sign_in_link USERNAME"
            )

    def _path_of(self, username: str) -> str:
        person = User.objects.filter(username__iexact=username).first()
        if person is None:
            raise CommandError(f"Nobody has the user name “{username}”.")
        try:
            with override("en"):
                return make_sign_in_link(person, acting_user=None, now=timezone.now())
        except Refused as refusal:
            raise CommandError(
                " ".join(f"{one.message} {one.remedy}" for one in refusal.problems)
            ) from refusal
