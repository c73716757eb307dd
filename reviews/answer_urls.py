"""The list of comments, the ward's answers, and what was promised."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
