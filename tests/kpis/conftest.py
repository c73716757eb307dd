"""The policy document that a module is about, by the module's own NAME."""

import pytest

from tests.kpis.policy_files import by_id, read, targets


@pytest.fixture(scope="module")
def policy(request):
    return read(request.module.NAME)


@pytest.fixture(scope="module")
def target(policy):
    """Its targets by id."""
    return by_id(targets(policy))
