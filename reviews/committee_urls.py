"""The committee, its members and meetings, and the desk from which a round is run."""

from django.urls import path

from . import (
    committee_views,
    desk_views,
    meeting_views,
    paper_views,
    record_views,
    round_views,
)

COMMITTEE = "wards/<str:code>/committee/"
MEMBER = f"{COMMITTEE}members/<int:pk>/"
MEETING = "wards/<str:code>/meetings/<int:pk>/"
PAPER = f"{MEETING}papers/<int:paper>/"
ROUND = "wards/<str:code>/<int:year>/review/<str:period>/"

urlpatterns = [
    path(COMMITTEE, committee_views.committee, name="committee"),
    path(f"{COMMITTEE}edit/", committee_views.committee_edit, name="committee_edit"),
    path(f"{COMMITTEE}members/add/", committee_views.member_add, name="member_add"),
    path(MEMBER, committee_views.member, name="member"),
    path(f"{MEMBER}edit/", committee_views.member_edit, name="member_edit"),
    path(f"{MEMBER}account/", committee_views.member_account, name="member_account"),
    path(f"{MEMBER}terms/add/", committee_views.term_add, name="term_add"),
    path(f"{MEMBER}terms/<int:term>/", committee_views.term, name="term"),
    path("wards/<str:code>/meetings/", meeting_views.meetings, name="meetings"),
    path("wards/<str:code>/meetings/add/", meeting_views.meeting_add, name="meeting_add"),
    path(MEETING, meeting_views.meeting, name="meeting"),
    path(f"{MEETING}print/", meeting_views.meeting_print, name="meeting_print"),
    path(f"{MEETING}edit/", meeting_views.meeting_edit, name="meeting_edit"),
    path(f"{MEETING}minutes/", meeting_views.meeting_minutes, name="meeting_minutes"),
    path(f"{MEETING}attendance/", meeting_views.meeting_attendance, name="meeting_attendance"),
    path(f"{MEETING}papers/add/", paper_views.paper_add, name="paper_add"),
    path(PAPER, paper_views.paper, name="paper"),
    path(f"{PAPER}edit/", paper_views.paper_edit, name="paper_edit"),
    path(f"{PAPER}remove/", paper_views.paper_remove, name="paper_remove"),
    path("wards/<str:code>/reviews/", round_views.rounds, name="rounds"),
    path("wards/<str:code>/reviews/add/", round_views.round_add, name="round_add"),
    path("wards/<str:code>/reviews/record/", record_views.review_record, name="review_record"),
    path(
        "wards/<str:code>/reviews/record.csv",
        record_views.review_record_csv,
        name="review_record_csv",
    ),
    path(ROUND, desk_views.round, name="round"),
    path(f"{ROUND}edit/", round_views.round_edit, name="round_edit"),
    path(f"{ROUND}move/<str:action>/", desk_views.move, name="round_move"),
]
