"""What another app has to say on a page of this one: on the dashboard, beside a project, on a
sheet, on the first page.

Imports run one way, so kpis cannot ask the app that knows of the committee. That app registers
itself here when it is loaded (`ready` of its AppConfig), and pages ask whoever is registered. A
teller is asked once a page for all that is on it, and costs a fixed number of queries.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .models import Policy


@dataclass(frozen=True, slots=True)
class Block:
    """Something to show: a template, and what it is given under the name `block`."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


#: What is told of projects of a policy: by project key, in the order of the tellers.
ProjectTeller = Callable[[Any, Policy, Collection[str]], Mapping[str, Block]]
#: What is told of a policy on its dashboard; None where there is nothing to tell.
PolicyTeller = Callable[[Any, Policy], Block | None]
#: What is this person's to do: tasks as kpis/my_work.py has them.
TaskTeller = Callable[[Any, Iterable[Policy], date], list[Any]]

_of_projects: list[ProjectTeller] = []
_of_policies: list[PolicyTeller] = []
_of_tasks: list[TaskTeller] = []


def tells_beside_projects(teller: ProjectTeller) -> None:
    """Ask it, too, about the projects that a project page or a sheet shows."""
    if teller not in _of_projects:
        _of_projects.append(teller)


def tells_beside_policy(teller: PolicyTeller) -> None:
    """Ask it, too, about the policy that a dashboard shows."""
    if teller not in _of_policies:
        _of_policies.append(teller)


def tells_tasks(teller: TaskTeller) -> None:
    """Ask it, too, what the person on the first page has to do."""
    if teller not in _of_tasks:
        _of_tasks.append(teller)


def beside_projects(user: Any, policy: Policy, keys: Collection[str]) -> dict[str, list[Block]]:
    """What others have to say of these projects, by project key."""
    told: dict[str, list[Block]] = {}
    for teller in _of_projects:
        for key, block in teller(user, policy, keys).items():
            told.setdefault(key, []).append(block)
    return told


def beside_policy(user: Any, policy: Policy) -> list[Block]:
    """What others have to say of the policy."""
    told = [teller(user, policy) for teller in _of_policies]
    return [block for block in told if block is not None]


def tasks(user: Any, policies: Iterable[Policy], today: date) -> list[Any]:
    """What others have for this person to do."""
    policies = list(policies)
    return [task for teller in _of_tasks for task in teller(user, policies, today)]
