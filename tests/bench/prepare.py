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
    from tests.bench.committee import make_rounds
    from tests.bench.crowd import PEOPLE
    from tests.bench.plan import make, make_crowd
    from wards.models import Section, Ward

    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    ward = Ward.objects.get(code="14107")
    bench = make(ward, password=password)
    # The year after, with the figures of this one beside its own: a section's sheet of 40 targets.
    sheet = make(ward, 2021, projects=16, targets=40)
    # And another such sheet, which comes back as a filled Excel file and is never written.
    make(ward, 2022, projects=16, targets=40)
    # The committee reads a policy of its own: what it waits for is confirmed.
    read = make(ward, 2023, projects=34, password=password)
    rounds = make_rounds(read.policy, read.secretariat, password=password)
    crowd = make_crowd(bench.staff, PEOPLE)
    place = [bench.policy.ward.code, bench.policy.fiscal_year]
    next_place = [sheet.policy.ward.code, sheet.policy.fiscal_year]
    section = Section.objects.get(posts__user=bench.staff)
    targets = Target.objects.filter(policy=bench.policy, measure="number", cumulative=False)
    keys = list(targets.values_list("key", flat=True))
    entries = [reverse("kpis:entry", args=[*place, key, "H2"]) for key in keys]
    on_sheet = Target.objects.filter(policy=sheet.policy, measure="number", cumulative=False)

    def cells(place, keys) -> str:
        return " ".join(f"{key}={reverse('kpis:cell', args=[*place, key, 'H2'])}" for key in keys)

    for name, value in (
        ("manager", bench.manager.username),
        ("staff", bench.staff.username),
        ("member", rounds.member.username),
        ("chair", read.secretariat.username),
        ("booklet", rounds.closed.address("booklet_pdf")),
        ("hello", reverse("hello")),
        ("dashboard", reverse("kpis:dashboard", args=place)),
        ("project", reverse("kpis:project", args=[*place, "p03"])),
        ("target list", reverse("kpis:targets", args=place)),
        ("entry form", entries[0]),
        ("sheet", reverse("kpis:sheet", args=[*next_place, section.pk, "H2"])),
        ("member's page", rounds.open.address("read_project", "p03")),
        ("comment list", rounds.closed.address("comments")),
        ("entries", " ".join(entries)),
        ("to fill", reverse("kpis:sheet_xlsx", args=[ward.code, 2022, section.pk, "H2"])),
        ("upload", reverse("kpis:sheet_upload", args=[ward.code, 2022, section.pk, "H2"])),
        ("cells", cells(next_place, on_sheet.values_list("key", flat=True))),
        ("crowded sheet", reverse("kpis:sheet", args=[*place, section.pk, "H2"])),
        ("crowded cells", cells(place, keys)),
        ("crowd", " ".join(crowd)),
    ):
        print(f"{name}\t{value}")


if __name__ == "__main__":
    main(sys.argv[1])
