"""The committee's opinion, and what the public reads of a round."""

from django.urls import path

from . import opinion_views, public_views

ROUND = "wards/<str:code>/<int:year>/review/<str:period>"

urlpatterns = [
    path(f"{ROUND}/opinion/", opinion_views.opinion, name="opinion"),
    path(f"{ROUND}/opinion/edit/", opinion_views.compile_opinion, name="opinion_edit"),
    path(f"{ROUND}/opinion/move/", opinion_views.opinion_move, name="opinion_move"),
    path(f"{ROUND}/opinion/agree/", opinion_views.opinion_agree, name="opinion_agree"),
    path(f"{ROUND}/opinion/<int:number>/", opinion_views.opinion, name="opinion_version"),
    path("public/", public_views.public_rounds, name="public_rounds"),
    path(
        "public/<str:code>/<int:year>/<str:period>/",
        public_views.public_round,
        name="public_round",
    ),
    path(
        "public/<str:code>/<int:year>/<str:period>/comments.csv",
        public_views.public_comments_csv,
        name="public_comments_csv",
    ),
]
