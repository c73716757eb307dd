"""The committee, its members and meetings, and the desk from which a round is run."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
