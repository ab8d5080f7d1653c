"""The widget inside back-office pages: where it may stand, and who may speak for whom.

A product's back end signs a short token that names its person; the frame exchanges it once for a
session that can submit and read that person's own tickets of this product, and nothing else.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Module, Product
from core.models import Recorded

USER = settings.AUTH_USER_MODEL


class WidgetSite(Recorded):
    """The widget of one product: the origins whose pages may frame it."""

    SUBJECT: ClassVar[str] = "widget_site"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = ("product_id", "origins", "is_active")

    product = models.OneToOneField(Product, on_delete=models.PROTECT, related_name="widget")
    #: ["https://crm.example.com", …], each exactly as a browser writes it.
    origins = models.JSONField(_("origins"), default=list, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    #: Bookkeeping for whoever sets it up; no part of the history.
    last_used_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    refused_why = models.CharField(max_length=20, blank=True, default="")

    def __str__(self) -> str:
        return f"widget of {self.product_id}"


class WidgetSecret(Recorded):
    """A secret a product's back end signs with. Several may be good at once, so that a new one
    can take over without a gap.

    The secret itself is not kept: it is made from `nonce` and the key of the house
    (`policies.widget_tokens.secret_of`), so the database alone signs nothing.
    """

    SUBJECT: ClassVar[str] = "widget_secret"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = ("site_id", "key_id", "stops_at")

    site = models.ForeignKey(WidgetSite, on_delete=models.PROTECT, related_name="secrets")
    #: Names the secret in the head of a token; no secret itself.
    key_id = models.CharField(max_length=20, unique=True)
    nonce = models.CharField(max_length=32)
    created_at = models.DateTimeField()
    #: From then on it is refused; null: good until somebody stops it.
    stops_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.key_id


class WidgetSession(models.Model):
    """What one token was exchanged for. Its key is sent as a header by the frame, never a cookie:
    browsers keep none for a frame of another site, and nothing can be sent without it.

    The row also remembers the token's nonce: a token is good once.
    """

    site = models.ForeignKey(WidgetSite, on_delete=models.CASCADE, related_name="sessions")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    key_hash = models.CharField(max_length=64, unique=True)
    nonce_hash = models.CharField(max_length=64)
    module = models.ForeignKey(Module, on_delete=models.SET_NULL, null=True, related_name="+")
    page = models.CharField(max_length=500, blank=True, default="")
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "nonce_hash"], name="widget_token_once")
        ]
        indexes = [models.Index(fields=["expires_at"], name="widget_session_end")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.site_id}"
