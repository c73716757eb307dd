"""Where everything is. Each app names its own pages."""

from django.urls import include, path
from django.views.i18n import set_language

from config.health import health

urlpatterns = [
    path("health/", health, name="health"),
    path("language/", set_language, name="set_language"),
    path("", include("wards.urls")),
    path("", include("kpis.urls")),
]
