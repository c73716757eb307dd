"""The list of comments, the ward's answers, and what was promised."""

from django.urls import URLPattern, path

from . import answer_views, comment_views, item_views, promise_views

ROUND = "wards/<str:code>/<int:year>/review/<str:period>/"
WARD = "wards/<str:code>/"

urlpatterns: list[URLPattern] = [
    path(f"{ROUND}comments/", comment_views.comments, name="comments"),
    path(f"{ROUND}comments.xlsx", comment_views.comments_xlsx, name="comments_xlsx"),
    path(f"{ROUND}comments.csv", comment_views.comments_csv, name="comments_csv"),
    path(f"{ROUND}comments/merge/", comment_views.comments_merge, name="comments_merge"),
    path(f"{ROUND}comments/<int:number>/", item_views.item, name="item"),
    path(f"{ROUND}comments/<int:number>/split/", item_views.item_split, name="item_split"),
    path(f"{ROUND}answers/", answer_views.answers, name="answers"),
    path(f"{WARD}reviews/comments/", comment_views.all_comments, name="all_comments"),
    path(f"{WARD}reviews/comments.xlsx", comment_views.all_comments_xlsx, name="all_comments_xlsx"),
    path(f"{WARD}reviews/comments.csv", comment_views.all_comments_csv, name="all_comments_csv"),
    path(f"{WARD}promises/", promise_views.promises, name="promises"),
    path(f"{WARD}promises.xlsx", promise_views.promises_xlsx, name="promises_xlsx"),
    path(f"{WARD}promises.csv", promise_views.promises_csv, name="promises_csv"),
    path(f"{WARD}promises/add/", promise_views.promise_add, name="promise_add"),
    path(f"{WARD}promises/attach/", promise_views.promises_attach, name="promises_attach"),
    path(f"{WARD}promises/<int:number>/", promise_views.promise, name="promise"),
]
