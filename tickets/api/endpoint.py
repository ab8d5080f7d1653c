"""What every address of this API shares (it stands lower, where manuals use it too)."""

from accounts.api.endpoint import (
    IF_MATCH,
    ONCE,
    ConflictSerializer,
    Endpoint,
    ProblemSerializer,
    RefusalSerializer,
    Shape,
    StaleSerializer,
    UploadEndpoint,
    now,
    parsed,
    person,
    responses,
)

__all__ = [
    "IF_MATCH",
    "ONCE",
    "ConflictSerializer",
    "Endpoint",
    "ProblemSerializer",
    "RefusalSerializer",
    "Shape",
    "StaleSerializer",
    "UploadEndpoint",
    "now",
    "parsed",
    "person",
    "responses",
]
