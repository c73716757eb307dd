"""Pages that show: the wards, a ward's dashboard, a project."""

from functools import lru_cache

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .beside import beside_policy
from .board import Board
from .dashboard import Dashboard
from .models import Policy
from .policy_page import PolicyPage
from .project_page import ProjectPage
from .ward_list import ward_list


@lru_cache(maxsize=1)
def _policy_rows():
    return Policy.objects.select_related("ward").order_by("fiscal_year")


def _policy(user, code: str, year: int) -> tuple[Policy, list[Policy]]:
    """The policy of a ward and year, and the ward's other policies this person may open."""
    of_ward = list(_policy_rows().filter(ward__code=code).visible_to(user))
    for policy in of_ward:
        if policy.fiscal_year == year:
            return policy, of_ward
    raise Http404


@require_safe
def dashboard(request, code: str, year: int):
    """How far a ward's policy has come at the end of a period."""
    policy, of_ward = _policy(request.user, code, year)
    board = Board(policy, request.user, brief=True)
    period = board.period(request.GET.get("period"))
    if period is None:
        raise Http404
    at = of_ward.index(policy)
    return render(
        request,
        "kpis/dashboard.html",
        {
            **Dashboard(board, period).context(),
            "beside": beside_policy(request.user, policy),
            "place": "dashboard",
            "policy": policy,
            "year_before": of_ward[at - 1] if at else None,
            "year_after": of_ward[at + 1] if at + 1 < len(of_ward) else None,
        },
    )


@require_safe
def policy(request, code: str, year: int):
    """What the ward decided to do this year, in its own words."""
    found, _of_ward = _policy(request.user, code, year)
    page = PolicyPage(found, request.user)
    return render(
        request, "kpis/policy.html", {**page.context(), "place": "policy", "policy": found}
    )


@require_safe
def home(request):
    """The wards, and the policies this person may open."""
    return render(request, "kpis/home.html", {**ward_list(request.user), "place": "home"})


@require_safe
def project(request, code: str, year: int, key: str):
    """One project: its targets period by period, how each rate came about, and what was said."""
    policy, _of_ward = _policy(request.user, code, year)
    board = Board(policy, request.user, project=key)
    shown = next((each for each in board.projects if each.key == key), None)
    period = board.period(request.GET.get("period"))
    if shown is None or period is None:
        raise Http404
    page = ProjectPage(board, shown, period, request.user)
    return render(
        request,
        "kpis/project.html",
        {**page.context(), "place": "project", "policy": policy},
    )
