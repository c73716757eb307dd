"""The booklet of a round, as one PDF and as pages to print."""

from django.urls import path

from . import booklet_views

ROUND = "wards/<str:code>/<int:year>/review/<str:period>"

urlpatterns = [
    path(f"{ROUND}/booklet/", booklet_views.booklet, name="booklet"),
    path(f"{ROUND}/booklet.pdf", booklet_views.booklet_as_pdf, name="booklet_pdf"),
]
