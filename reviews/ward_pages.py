"""What every page about a ward's committee is told, whatever round it may be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext

from kpis.models import Policy
from kpis.phrases import Phrases
from wards.models import Ward
from wards.permissions import Role, access_of

from .lookup import find_committee, find_ward
from .models import Committee
from .permissions import looks_after
from .together import TogetherForm


def about_ward(ward: Ward, user, tab: str) -> dict[str, Any]:
    """What templates/reviews/ward_head.html and the menu are told. One query.

    `tab` is rounds, meetings, committee, record. The menu leads to the newest policy.
    """
    policies = Policy.objects.filter(ward=ward).visible_to(user).select_related("ward")
    policy = policies.order_by("-fiscal_year").first()
    return {
        "ward": ward,
        "policy": policy,
        "place": "reviews",
        "tab": tab,
        "in_japanese": Phrases(policy).in_japanese if policy else "",
        "looks_after": looks_after(user, ward.pk),
        "reads_record": access_of(user).has(ward.pk, Role.SECRETARIAT, Role.AUDITOR),
    }


def ward_looked_after(user, code: str) -> Ward:
    """The ward, for its secretariat; 404 for strangers, PermissionDenied for the others."""
    ward = find_ward(user, code)
    _refuse_others(user, ward.pk)
    return ward


def committee_looked_after(user, code: str) -> Committee:
    committee = find_committee(user, code)
    _refuse_others(user, committee.ward_id)
    return committee


def _refuse_others(user, ward_id: int) -> None:
    if not looks_after(user, ward_id):
        raise PermissionDenied(gettext("評価委員会のことは、区政推進課（事務局）が行います。"))


def sent(request) -> Any:
    """What was posted, for a form; None where the page was only asked for."""
    return request.POST if request.method == "POST" else None


def saved(request, form: TogetherForm, act: Callable[[], bool | None]) -> bool:
    """Do it if the form can be read, and say so; False where the page has to be shown again."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        done = act()
    except ValidationError as error:
        form.add_error(None, error)
        return False
    if done is None:
        return False
    if done:
        messages.success(request, gettext("保存しました。"))
    else:
        messages.info(request, gettext("変わったところはありません。"))
    return True
