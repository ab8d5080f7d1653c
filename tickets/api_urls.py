"""Addresses of the API of tickets."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
