"""Notices of a round: what is to be told, and what was."""

from django.urls import path

from . import notice_views

urlpatterns = [
    path(
        "wards/<str:code>/<int:year>/review/<str:period>/notices/",
        notice_views.notices,
        name="notices",
    ),
]
