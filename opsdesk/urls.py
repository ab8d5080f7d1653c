"""Every address of the house. Each app brings its own; what is asked for most comes first."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from core.polling import poll_database
from opsdesk import views

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("live/", poll_database, name="live"),
    path("kit/", views.kit, name="kit"),
    path("", include("tickets.urls")),
    path("", include("accounts.urls")),
    path("", include("catalog.urls")),
    path("", include("docs_portal.urls")),
    path("", include("feedback.urls")),
    path("", include("reports.urls")),
    path("api/v1/", include("docs_portal.api_urls")),
    path("api/v1/", include("tickets.api_urls")),
    path("api/v1/", include("feedback.api_urls")),
    path("api/v1/", include("reports.api_urls")),
    path("api/v1/schema", SpectacularAPIView.as_view(), name="api_schema"),
]
