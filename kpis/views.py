"""Pages of the plan and its results."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from .models import Policy


@require_safe
def home(request):
    """The policies this person may open."""
    policies = Policy.objects.visible_to(request.user).select_related("ward")
    return render(request, "kpis/home.html", {"policies": policies})
