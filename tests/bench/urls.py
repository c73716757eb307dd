"""The product's pages and "hello", the least that a page of a logged-in person can cost."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls import urlpatterns as product


def hello(request: HttpRequest) -> HttpResponse:
    """Nothing of its own: the whole middleware, the session and the person."""
    return HttpResponse(f"hello {request.user.get_username()}", content_type="text/plain")


urlpatterns = [path("hello/", hello, name="hello"), *product]
