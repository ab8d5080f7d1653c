"""Feedback, demands, obligations and releases."""

from collections.abc import Iterable

from django.apps import AppConfig

from core import registry


class FeedbackConfig(AppConfig):
    name = "feedback"

    def ready(self) -> None:
        # Models must be loaded first.
        from feedback import jobs, receivers  # noqa: PLC0415
        from feedback.notifications import KINDS  # noqa: PLC0415
        from feedback.search import DemandSearch  # noqa: PLC0415
        from feedback.suggest import DemandSuggestions  # noqa: PLC0415

        for kind, notice_kind in KINDS.items():
            registry.register_notice(kind, notice_kind)
        registry.register_search(DemandSearch())
        registry.register_suggestions(DemandSuggestions())
        registry.register_job("feedback.move_ticket", jobs.move_ticket)
        registry.on_news("ticket.confirmed", receivers.on_ticket_confirmed)
        registry.on_news("ticket.reopened", receivers.on_ticket_reopened)
        registry.on_news("ticket.auto_confirmed", receivers.on_ticket_auto_confirmed)
        registry.register_verifier("one obligation per person and demand", one_obligation_each)


def one_obligation_each() -> Iterable[str]:
    """Invariant 4: whoever gave words to a demand is owed word on it, exactly once."""
    from feedback.models import Demand, FeedbackItem, Obligation  # noqa: PLC0415

    for demand in Demand.objects.order_by("pk").iterator():
        asked = set(FeedbackItem.objects.filter(demand=demand).values_list("person_id", flat=True))
        owed = list(Obligation.objects.filter(demand=demand).values_list("person_id", flat=True))
        if len(owed) != len(set(owed)):
            yield f"{demand.ref}: somebody is owed twice"
        if missing := asked - set(owed):
            yield f"{demand.ref}: people {sorted(missing)} asked and are owed nothing"
