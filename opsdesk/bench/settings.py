"""The product's settings, with the addresses of the bench beside its own."""

from opsdesk.settings import *  # noqa: F403  (everything but one line is the product's)

ROOT_URLCONF = "opsdesk.bench.urls"
