"""Pages of the plan and its results: nouns first, then a verb."""

from django.urls import path

from . import views

app_name = "kpis"
urlpatterns = [
    path("", views.home, name="home"),
    path("wards/<str:code>/<int:year>/", views.dashboard, name="dashboard"),
    path("wards/<str:code>/<int:year>/projects/<str:key>/", views.project, name="project"),
]
