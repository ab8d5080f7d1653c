"""The demo company: its people, manuals and six weeks of work, with their weekly reports."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from accounts.models import User
from catalog.access import rights_of
from opsdesk.demo.automation import build_automation, tell_burst
from opsdesk.demo.cast import DEMO_PASSWORD, build_cast, is_demo
from opsdesk.demo.hearing import build_hearing
from opsdesk.demo.helping import build_helping
from opsdesk.demo.meeting import hold_meetings
from opsdesk.demo.pages import build_pages
from opsdesk.demo.play import Play, at
from opsdesk.demo.reading import build_reading
from opsdesk.demo.service import build_policies
from opsdesk.demo.today import read_old_notices, tell_today
from opsdesk.demo.training import tell_training
from opsdesk.demo.weeks import PER_WEEK, tell_weeks
from opsdesk.demo.worked_week import tell_worked_week
from opsdesk.demo.writing import build_writing
from reports.actions import make_due_outlook, make_due_snapshots
from reports.actions.snapshots import JITTER, SETTLE
from reports.choices import PeriodKind
from reports.policies.weeks import Week, last_complete_week
from tickets.models import Ticket


class Command(BaseCommand):
    help = (
        "Moves in a demo company: people, manuals, and six weeks of tickets through the real "
        "actions, ending now. Run again, it adds nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cast", action="store_true", help="only say who can sign in")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["cast"] and not is_demo():
            return
        if not options["cast"]:
            if User.objects.exists() and not is_demo():
                raise CommandError(
                    "People work here already. The demo company moves only into an empty "
                    "database: take another data folder (OPSDESK_DATA_DIR) or database."
                )
            # The company is Chinese: texts that the house makes itself are in its language.
            with override("zh-hans"):
                move_in(now)
        with override("en"):
            self._tell_cast(now)

    def _tell_cast(self, now: dt.datetime) -> None:
        cast = build_cast(now)
        self.stdout.write(f"Sign in to the demo company; everybody's password: {DEMO_PASSWORD}")
        for username, person in cast.people.items():
            roles = sorted(rights_of(person).scopes) or ["requester"]
            self.stdout.write(f"  {username:<11}{person.name}  {', '.join(roles)}")


def move_in(now: dt.datetime) -> None:
    """All of it in one transaction: a start that was interrupted leaves nothing behind."""
    worked = last_complete_week(now)
    first = worked.shift(1 - len(PER_WEEK))
    with transaction.atomic():
        cast = build_cast(at(first.monday, -3, "09:00"))
        build_pages(cast, at(first.monday, -2, "10:00"))
        build_policies(cast, at(first.monday, -2, "11:00"))
        if not Ticket.objects.exists():
            play = Play(cast, now)
            tell_weeks(play, first.monday)
            tell_worked_week(play, worked.monday)
            tell_today(play)
            tell_training(play, first.monday)
            tell_burst(play)
            play.run()
            read_old_notices(now)
            build_automation(cast, now)
            build_writing(cast, now)
            build_reading(cast, now)
            build_helping(cast, now, first.monday)
            build_hearing(cast, now)
        # A new company looks at weeks first; a worker makes the months and quarters.
        make_due_snapshots(max(now, _settled(now)), [PeriodKind.WEEK])
        make_due_outlook(max(now, _settled(now)))
        hold_meetings(cast, worked, now)


def _settled(now: dt.datetime) -> dt.datetime:
    """On a Monday night the demo does not wait for late commits: there is nobody else."""
    return Week.of(now).starts_at + SETTLE + JITTER
