"""What a member reads, and where a member comments."""

from django.urls import path

from . import reading_views as views
from . import saving_views

ROUND = "wards/<str:code>/<int:year>/review/<str:period>/read/"

urlpatterns = [
    path("read/", views.reading, name="reading"),
    path(ROUND, views.read, name="read"),
    path(f"{ROUND}projects/<str:key>/", views.read_project, name="read_project"),
    path(f"{ROUND}projects/<str:key>/mark/", views.read_mark, name="read_mark"),
    path(f"{ROUND}pillars/<str:key>/", views.read_pillar, name="read_pillar"),
    path(f"{ROUND}whole/", views.read_whole, name="read_whole"),
    path(f"{ROUND}save/", saving_views.comment_save, name="comment_save"),
]
