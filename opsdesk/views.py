"""The home page and the addresses a probe asks."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from catalog.access import rights_of
from opsdesk.kit import samples
from opsdesk.search import find

LONGEST_QUERY = 200


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Everybody starts where their work is: staff at the desk, owners at their page."""
    rights = rights_of(signed_in(request))
    if rights.is_agent:
        return redirect("desk")
    if rights.is_manager or rights.is_analyst:
        return redirect("weekly_report_latest")
    if rights.is_owner:
        return redirect("owner_page")
    return redirect("help_home")


@login_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Anything by its name: a page of its own, or only what was found (`part=found`)."""
    user = signed_in(request)
    query = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY]
    context = {"query": query, "groups": find(user, query, timezone.now())}
    is_part = request.GET.get("part") == "found"
    return render(request, "found.html" if is_part else "search.html", context)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and has every migration."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return JsonResponse({"status": "no database"}, status=503)
    if waiting:
        return JsonResponse({"status": "migrations waiting", "count": len(waiting)}, status=503)
    return JsonResponse({"status": "ready"})


@login_required
@require_safe
def kit(request: HttpRequest) -> HttpResponse:
    """Every component in both themes, for those who build pages."""
    return render(request, "kit.html", samples(timezone.now()))
