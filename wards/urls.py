"""Pages about people: log-in, log-out, passwords, accounts."""

from django.urls import path

from . import handover_views, people_views, views

urlpatterns = [
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", views.Logout.as_view(), name="logout"),
    path("password/", views.ChangePassword.as_view(), name="password_change"),
    path("people/", people_views.people, name="people"),
    path("people/<str:username>/", people_views.person, name="person"),
    path("people/<str:username>/edit/", people_views.person_edit, name="person_edit"),
    path("people/<str:username>/stop/", people_views.person_stop, name="person_stop"),
    path("people/<str:username>/posts/", people_views.post_give, name="post_give"),
    path("people/<str:username>/password/", people_views.reset_password, name="person_reset"),
    # Not below people/, where everything is somebody's log-in name.
    path("posts/", handover_views.posts, name="posts"),
    path("posts/add/", people_views.person_add, name="person_add"),
    path("posts/hand-over/", handover_views.hand_over, name="hand_over"),
    path("posts/records/", people_views.post_records, name="post_records"),
    path("posts/<int:pk>/", people_views.post, name="post"),
]
