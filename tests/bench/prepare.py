"""Makes the bench's database and prints the addresses to ask for, a name and an address a line.

A process of its own: the server's settings must not meet those of whoever measures.
"""

import sys

import django


def main(password: str) -> None:
    django.setup()
    from django.core.management import call_command
    from django.urls import reverse

    from kpis.models import Target
    from tests.bench.plan import make
    from wards.models import Ward

    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    bench = make(Ward.objects.get(code="14107"), password=password)
    place = [bench.policy.ward.code, bench.policy.fiscal_year]
    targets = Target.objects.filter(policy=bench.policy, measure="number", cumulative=False)
    entries = [
        reverse("kpis:entry", args=[*place, key, "H2"])
        for key in targets.values_list("key", flat=True)
    ]
    for name, value in (
        ("manager", bench.manager.username),
        ("staff", bench.staff.username),
        ("hello", reverse("hello")),
        ("dashboard", reverse("kpis:dashboard", args=place)),
        ("project", reverse("kpis:project", args=[*place, "p03"])),
        ("target list", reverse("kpis:targets", args=place)),
        ("entry form", entries[0]),
        ("entries", " ".join(entries)),
    ):
        print(f"{name}\t{value}")


if __name__ == "__main__":
    main(sys.argv[1])
