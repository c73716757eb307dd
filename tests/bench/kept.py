"""What the database kept of the second half: by target what stands, and what the history tells.

A process of its own, as tests/bench/prepare.py: prints it as JSON. Fails where the chain of the
history is broken.
"""

import json

import django


def main() -> None:
    django.setup()
    from io import StringIO

    from django.core.management import call_command

    from kpis.models import Actual, Change
    from kpis.numbers import plain

    call_command("verify_history", stdout=StringIO())
    actuals = Actual.objects.filter(target__policy__fiscal_year=2020, period__key="H2")
    kept = {
        actual.target.key: {
            "stands": plain(actual.value) if actual.value is not None else "",
            "told": [],
        }
        for actual in actuals.select_related("target")
    }
    lines = Change.objects.filter(target__policy__fiscal_year=2020, period__key="H2")
    for key, changed in lines.order_by("number").values_list("target__key", "changed"):
        if "value" in changed:
            kept[key]["told"].append(changed["value"])
    print(json.dumps(kept))


if __name__ == "__main__":
    main()
