"""What a member reads, and where a member comments."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
