"""The committee's opinion, and what the public reads of a round."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
