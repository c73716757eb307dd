"""What the five policy documents have in common: the published form, to the letter."""

import pytest

from tests.kpis.policy_files import (
    assert_canonical,
    assert_ids_follow_the_printed_order,
    assert_keys_in_order,
    assert_nothing_empty_or_default,
    assert_targets_make_sense,
    read,
)

FIVE = ("14103-2022", "14105-2022", "14107-2020", "14109-2021", "14116-2019")


@pytest.mark.parametrize("name", FIVE)
def test_the_file_keeps_to_the_format(name):
    policy = read(name)
    assert_canonical(name)
    assert_keys_in_order(policy)
    assert_nothing_empty_or_default(policy)
    assert_ids_follow_the_printed_order(policy)
    assert_targets_make_sense(policy)
