"""Opinion sheets out and in, and comments entered on a member's behalf."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
