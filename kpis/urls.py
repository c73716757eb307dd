"""Pages of the plan and its results: nouns first, then a verb."""

from django.urls import URLPattern

app_name = "kpis"
urlpatterns: list[URLPattern] = []
