"""The refusals of manuals, each with its own name."""

from core.errors import Refused


class AddressTaken(Refused):
    """Another published page answers this address for one of the same roles."""

    code = "address_taken"


class NothingToPublish(Refused):
    """The newest revision is published already, or there is no text."""

    code = "nothing_to_publish"


class NotPublished(Refused):
    """Only a published page can be retired."""

    code = "not_published"


class WrongStatus(Refused):
    """The announcement's present status does not allow this."""

    code = "wrong_status"


class RemindedToday(Refused):
    """One reminder a day is enough."""

    code = "reminded_today"
