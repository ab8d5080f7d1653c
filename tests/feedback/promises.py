"""What must hold of demands and what is owed at every moment (domain.md, invariant 4)."""

from __future__ import annotations

from core import registry
from core.events import history, unfolded
from core.models import Notice
from feedback.choices import DemandStatus, RoundKind
from feedback.models import Demand, Obligation, Round
from tickets.models import Ticket

#: From a round's state to those that may follow (domain.md, *Demand and obligation*).
FOLLOWS = {
    "owed": {"queued", "waived", "unreachable"},
    "queued": {
        "delivered", "read", "informed", "confirmed", "not_solved", "expired", "waived",
        "unreachable",
    },
    # Whoever had it has left: it goes to who hears for them.
    "delivered": {
        "read", "informed", "confirmed", "not_solved", "expired", "waived", "unreachable", "queued",
    },
    "read": {"confirmed", "not_solved", "expired", "waived", "unreachable", "queued"},
    # The mail came back, and then the person met it in the app.
    "unreachable": {"delivered", "read", "informed"},
}  # fmt: skip
#: Statuses in which everybody owed was told a decision.
DECIDED = {
    DemandStatus.ACCEPTED, DemandStatus.SCHEDULED, DemandStatus.DECLINED, DemandStatus.DEFERRED,
}  # fmt: skip
ENDED = {"confirmed", "not_solved", "expired", "informed", "unreachable", "waived"}


def check_promises() -> None:
    """Everything that must hold at every moment."""
    for demand in Demand.objects.order_by("pk"):
        asked = set(demand.feedback.values_list("person_id", flat=True))
        driven = set(
            Ticket.objects.filter(driver=demand.ref).values_list("requester_id", flat=True)
        )
        owed = list(demand.obligations.standing().values_list("person_id", flat=True))
        assert sorted(owed) == sorted(asked), f"{demand.ref}: owed are not those who asked"
        assert driven <= set(owed), f"{demand.ref}: a driven ticket's requester is owed nothing"
        for obligation in demand.obligations.all():
            assert unfolded(obligation) == {}
            check_rounds(demand, obligation)
        assert unfolded(demand) == {}
    assert faults() == []
    check_nothing_twice()


def check_nothing_twice() -> None:
    """One round, one notice; one person, one question a release while it is open."""
    told = Notice.objects.filter(subject=Round.SUBJECT).exclude(kind="demand.reminder")
    keys = list(told.values_list("recipient_id", "subject_id"))
    assert len(keys) == len(set(keys)), "a round was told twice to one person"
    asked = Round.objects.filter(kind=RoundKind.RELEASE, obligation__joined_to=None)
    pairs = list(asked.values_list("obligation__demand_id", "obligation__person_id", "release_id"))
    assert len(pairs) == len(set(pairs)), "somebody was asked twice about one release"


def check_rounds(demand: Demand, obligation: Obligation) -> None:
    rounds = list(obligation.rounds.order_by("pk"))
    if obligation.joined_to_id is not None:
        assert obligation.joined_to is not None
        assert obligation.joined_to.person_id == obligation.person_id
        for row in rounds:
            check_round(row)
        return
    if demand.status in DECIDED:
        assert rounds, f"{obligation}: decided, and nothing on its way to them"
    if demand.status == DemandStatus.RELEASED and demand.verified_at is not None:
        asked = [r for r in rounds if r.kind == RoundKind.RELEASE and r.release == demand.release]
        assert len(asked) == 1, f"{obligation}: asked {len(asked)} times about {demand.release}"
    for row in rounds:
        check_round(row)


def check_round(row: Round) -> None:
    assert unfolded(row) == {}
    states = ["owed"]
    for event in history(Round.SUBJECT, row.pk):
        if "state" in event.changes:
            before, after = event.changes["state"]
            if event.version == 1:
                continue
            assert after in FOLLOWS.get(before, ()), f"{row}: {before} → {after}"
            states.append(after)
    assert (row.ended_at is not None) == (row.state in ENDED)
    times = [t for t in (row.opened_at, row.queued_at, row.delivered_at, row.read_at) if t]
    assert times == sorted(times)
    notices = Notice.objects.filter(key__startswith=f"round:{row.pk}:")
    reminders = notices.filter(kind="demand.reminder").count()
    assert reminders <= row.reminders <= 2
    if row.state in ("waived", "unreachable") and "queued" not in states:
        assert not notices.exists()


def faults() -> list[str]:
    """What `manage.py verify` would say about invariant 4."""
    found = registry.verifiers()
    return [fault for name, check in found.items() if "obligation" in name for fault in check()]
