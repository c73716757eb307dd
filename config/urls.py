"""Where everything is. Each app names its own pages."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from config.health import health

urlpatterns = [
    path("health/", health, name="health"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("", include("wards.urls")),
    path("", include("kpis.urls")),
    path("", include("reviews.urls")),
]
