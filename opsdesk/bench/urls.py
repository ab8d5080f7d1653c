"""The product's addresses and the two reference views."""

from django.urls import include, path

from opsdesk.bench import views

urlpatterns = [
    path("bench/b/", views.reference, name="bench_b"),
    path("bench/reply/", views.bare_reply, name="bench_reply"),
    path("", include("opsdesk.urls")),
]
