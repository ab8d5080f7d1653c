"""The settings at one glance: the first steps of a new company, then every place by heading."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog.choices import GROUP_LEADS
from catalog.views.pages import administrators_only, entries, side
from core.registry import first_steps


@administrators_only
@require_safe
def settings_home(request: HttpRequest) -> HttpResponse:
    groups = [
        {
            "name": group.value,
            "label": group.label,
            "lead": GROUP_LEADS[group],
            "tiles": list(tiles),
        }
        for group, tiles in groupby(entries(), key=lambda entry: entry.group)
    ]
    steps = [
        {"step": step, "url": reverse(step.url_name), "done": step.done()} for step in first_steps()
    ]
    needed = [one for one, step in zip(steps, first_steps(), strict=True) if not step.optional]
    there = {
        "groups": groups,
        "side": side(request),
        "steps": steps,
        "done": sum(bool(one["done"]) for one in needed),
        "total": len(needed),
        "next": next((one for one in needed if not one["done"]), None),
    }
    return render(request, "catalog/settings_home.html", there)
