"""Pages about people: log-in, log-out, passwords, accounts."""

from django.urls import path

from . import people_views, views

urlpatterns = [
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", views.Logout.as_view(), name="logout"),
    path("password/", views.ChangePassword.as_view(), name="password_change"),
    path("people/", people_views.people, name="people"),
    path("people/<str:username>/", people_views.person, name="person"),
    path("people/<str:username>/password/", people_views.reset_password, name="person_reset"),
]
