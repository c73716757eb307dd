"""The booklet of a round, as one PDF and as pages to print."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
