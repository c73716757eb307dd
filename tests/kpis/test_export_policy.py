"""Policy documents on their way out: the same policy, the same bytes."""

import fcntl
import io
import itertools
import json
import os
import stat
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from kpis.document_reading import read_document
from kpis.documents import document_text, number_text, schema
from kpis.exports import policy_text
from kpis.imports import Author, import_documents
from kpis.models import Actual, Policy, Target
from tests.kpis.paper import Desk, isogo, targets, text
from tests.kpis.policy_files import assert_keys_in_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_a_policy_goes_out_as_it_came_in(desk):
    desk.imports(isogo())
    assert desk.exports() == desk.exports() == text(isogo())
    assert_keys_in_order(json.loads(desk.exports()))


def test_what_holds_nothing_or_its_default_is_left_out(desk):
    wordy = isogo()
    wordy |= {"contact": "", "preamble": ""}
    wordy["periods"][1]["state"] = "open"
    targets(wordy)["p12-t1"] |= {
        "value": "800.0",
        "ongoing": False,
        "direction": "at_least",
        "cumulative": False,
        "plan": {},
        "steps": [],
        "status": "active",
        "check": "",
    }
    targets(wordy)["p12-t1"]["actuals"][0] |= {
        "value": "310.00",
        "certainty": "final",
        "state": "confirmed",
        "evidence": [],
        "outlook": {},
    }
    wordy["grades"]["pace"] = "80"
    desk.imports(dict(reversed(wordy.items())))
    assert desk.exports() == text(isogo())


def test_a_ward_goes_by_code_name_and_roman_letters(desk):
    desk.imports(isogo())
    for ward, year in itertools.product(
        ("14107", "磯子区", "磯子", "いそごく", "Isogo", "ISOGO"), ("2020", "R2", "令和2年度")
    ):
        assert desk.exports(ward, year) == text(isogo())


@pytest.mark.parametrize(
    ("ward", "year", "says"),
    [
        ("川崎区", "2020", "「川崎区」という区はありません"),
        ("磯子区", "20", "年度として読めません"),
        ("磯子区", "2021", "令和3年度 (2021)の運営方針は登録されていません"),
        ("南区", "2020", "南区の令和2年度 (2020)の運営方針は登録されていません"),
    ],
)
def test_what_is_not_there_is_said(desk, ward, year, says):
    desk.imports(isogo())
    with pytest.raises(CommandError, match=says.replace("(", r"\(").replace(")", r"\)")):
        desk.exports(ward, year)


def test_a_draft_goes_out_with_its_questions_and_a_word_about_it(desk):
    document = isogo()
    targets(document)["p12-t1"]["check"] = "「約800人」と読んだ"
    desk.imports(document)
    out, err = io.StringIO(), io.StringIO()
    call_command("export_policy", "14107", "2020", stdout=out, stderr=err)
    assert out.getvalue() == text(document)
    assert "作成中" in err.getvalue()


def test_a_file_is_written_whole_or_stays_as_it_was(desk):
    desk.imports(isogo())
    path = desk.folder / "方針.json"
    desk.run("export_policy", "14107", "2020", output=str(path))
    assert path.read_bytes() == text(isogo()).encode()
    with pytest.raises(CommandError, match="書き込めません"):
        desk.run("export_policy", "14107", "2020", output=str(desk.folder / "ない" / "a.json"))


def test_a_file_that_is_there_keeps_its_rights_and_a_link_stays_a_link(desk):
    desk.imports(isogo())
    kept, link, new = (desk.folder / name for name in ("控え.json", "最新.json", "新規.json"))
    kept.write_text("前の年")
    kept.chmod(0o600)
    link.symlink_to(kept)
    before = os.umask(0o027)
    try:
        for path in (link, new):
            desk.run("export_policy", "14107", "2020", output=str(path))
    finally:
        os.umask(before)
    assert link.is_symlink()
    assert kept.read_bytes() == new.read_bytes() == text(isogo()).encode()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert new.stat().st_mode & 0o777 == 0o640
    assert sorted(desk.folder.glob(".ayumi-*")) == []


def test_what_is_no_file_is_written_to_and_never_replaced(desk):
    desk.imports(isogo())
    pipe = desk.folder / "管"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)  # so that writing does not wait for a reader
    fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 1 << 20)
    desk.run("export_policy", "14107", "2020", output=str(pipe))
    assert os.read(reader, 1 << 20) == text(isogo()).encode()
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    with pytest.raises(CommandError, match="書き込めません"):
        desk.run("export_policy", "14107", "2020", output=str(desk.folder))


@pytest.mark.parametrize(
    ("figure", "written"),
    [
        ("550.0000", "550"),
        ("0.2500", "0.25"),
        ("-3.0", "-3"),
        ("-0", "0"),
        ("1E+10", "10000000000"),
    ],
)
def test_numbers_carry_no_trailing_zeros_and_no_exponent(figure, written):
    assert number_text(Decimal(figure)) == written


def test_the_largest_figures_come_back_exactly(desk):
    document = isogo()
    for figure in ("99999999999.9999", "99999999999", "0.0001", "12345678901.2345"):
        targets(document)["p12-t1"]["value"] = figure
        desk.imports(document, force_reason="桁の試し")
        assert targets(read_document(desk.exports().encode())[0])["p12-t1"]["value"] == figure


def test_an_entry_without_a_figure_yet_is_no_loss(desk):
    document = isogo()
    targets(document)["p12-t1"]["actuals"].append(
        {"period": "H2", "note": "1月に\r\n集計する予定 <b>", "state": "draft"}
    )
    desk.imports(document)
    assert desk.exports() == text(document)
    assert Actual.objects.get(target__key="p12-t1", period__key="H2").value is None


def test_a_label_that_is_left_out_is_that_of_the_initiative(desk):
    document = isogo()
    targets(document)["p12-t3"].pop("label")
    desk.imports(document)
    assert Target.objects.get(key="p12-t3").label == "第4期計画の策定"


def test_a_label_of_the_initiative_is_one_clean_line(desk):
    document = isogo()
    first = document["pillars"][0]["projects"][0]["initiatives"][0]
    first["text"] = "\x0c道路の\n\x1b[31mパトロール\x07"
    del targets(document)["p05-t2"]["label"]
    desk.imports(document)
    assert Target.objects.get(key="p05-t2").label == "道路の [31mパトロール"
    assert read_document(desk.exports().encode())[1] == []


@pytest.mark.parametrize("nothing", [{"title": ""}, {"title": "", "url": ""}])
def test_what_holds_nothing_at_all_does_not_come_in(desk, nothing):
    document = isogo()
    targets(document)["p05-t2"]["actuals"][0]["evidence"] = [nothing]
    document["committee_opinions"] = [{"text": ""}, "よくやっている"]
    desk.imports(document)
    exported = desk.exports()
    assert read_document(exported.encode())[1] == []
    assert '"evidence"' not in exported
    assert "変更はありません" in desk.imports(json.loads(exported))


def test_the_example_of_the_documentation_is_a_document(desk):
    page = Path(settings.BASE_DIR, "docs", "policy-document.md").read_text(encoding="utf-8")
    example = page.split("```json\n")[1].split("```")[0]
    desk.imports(example.encode())
    assert desk.exports() == example


# Any document at all

words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\0"), max_size=12
)
line = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12
).filter(str.strip)
figure = st.decimals(min_value=0, max_value=10**10, places=2).map(number_text)


def some(**keys):
    """Any choice of these keys, for those that may be left out."""
    return st.fixed_dictionaries({}, optional=keys)


day = st.integers(0, 364).map(lambda number: str(date(2020, 4, 1) + timedelta(number)))
standing = st.one_of(
    some(status=st.just("active"), status_on=day, status_reason=words),
    st.fixed_dictionaries(
        {"status": st.sampled_from(["cancelled", "postponed"]), "status_reason": line},
        optional={"status_on": day, "status_decided_by": line, "status_document_number": line},
    ),
)
told = some(
    note=words,
    cause=words,
    remedy=words,
    certainty=st.sampled_from(["final", "provisional"]),
    state=st.sampled_from(["draft", "submitted", "returned", "confirmed"]),
    returned_because=words,
    corrected_because=words,
    self_assessment=some(status=st.sampled_from(["on_track", "behind"]), reason=words),
    evidence=st.lists(st.fixed_dictionaries({"title": line}), max_size=2),
)


@st.composite
def entries(draw, *kinds):
    found = []
    for period in draw(st.sampled_from([[], ["H1"], ["H2"], ["H1", "H2"]])):
        entry = {"period": period} | draw(told) | draw(st.sampled_from([{}, *map(dict, kinds)]))
        found.append(
            {k: draw(v) if isinstance(v, st.SearchStrategy) else v for k, v in entry.items()}
        )
    return found


reason = {"missing": st.sampled_from(["pending", "not_surveyed", "not_applicable", "suppressed"])}
about = some(
    printed=words,
    section=line,
    condition=words,
    breakdown=words,
    nature=st.sampled_from(["activity", "outcome"]),
    no_number_because=words,
    starts_month=st.integers(4, 8),
    ends_month=st.integers(9, 12),
)


@st.composite
def a_target(draw):
    target = {"label": draw(line)} | draw(about) | draw(standing)
    if draw(st.booleans()):
        stage = {"stage": st.sampled_from(["not_started", "preparing", "under_way", "done"])}
        target |= {"measure": "milestone"} | draw(
            some(
                ongoing=st.booleans(),
                done_when=words,
                steps=st.lists(st.fixed_dictionaries({"by": day, "text": line}), max_size=2),
            )
        )
        return target | {"actuals": draw(entries(stage, reason))}
    target |= {
        "measure": draw(st.sampled_from(["number", "percentage", "ratio"])),
        "accumulation": draw(st.sampled_from(["sum", "latest"])),
        "direction": draw(st.sampled_from(["at_least", "at_most"])),
        "value": draw(figure),
        "unit": draw(line),
        "plan": dict(sorted(draw(some(H1=figure, H2=figure)).items())),
    }
    if target["measure"] == "ratio":
        target["of"] = "99999999999"
    if target["accumulation"] == "latest":
        target |= draw(some(baseline=figure, cumulative=st.booleans()))
    if draw(st.booleans()):
        steps = [draw(figure) for _ in range(draw(st.integers(1, 3)))] + [target["value"]]
        target["revisions"] = [
            {"on": f"2020-{5 + number:02}-01", "from": old, "to": new, "reason": draw(line)}
            for number, (old, new) in enumerate(itertools.pairwise(steps))
        ]
    return target | {"actuals": draw(entries({"value": figure}, reason))}


def a_narrative(state):
    """Confirmed is what a document does not say."""
    told = {"period": "H2", "done": "実施した。"}
    return [told | ({"state": state} if state else {})]


@st.composite
def documents(draw):
    number = itertools.count(1)

    def named(kind):
        return {"id": f"{kind}{next(number)}"}

    def project():
        fields = some(
            number=line.map(lambda text: text[:10]),
            tags=st.lists(line, max_size=3, unique=True),
            funding=st.sampled_from(["ward", "bureau"]),
            sections=st.lists(line, max_size=3, unique=True),
            narratives=st.sampled_from(["", "draft", "submitted", "returned"]).map(a_narrative),
        )
        initiatives = [
            named("i")
            | {"text": draw(line)}
            | {"targets": [named("t") | draw(a_target()) for _ in range(draw(st.integers(0, 2)))]}
            for _ in range(draw(st.integers(0, 2)))
        ]
        return (
            named("p")
            | {"name": draw(line)}
            | draw(fields)
            | draw(standing)
            | {"initiatives": initiatives}
        )

    base = isogo()
    for key in ("pillars", "sections", "grades", "organisation", "committee_opinions"):
        base.pop(key)
    pillars = [
        named("a")
        | {"name": draw(line)}
        | draw(some(group=line, statement=words))
        | {"projects": [project() for _ in range(draw(st.integers(0, 2)))]}
        for _ in range(draw(st.integers(0, 2)))
    ]
    heading = st.fixed_dictionaries(
        {"heading": line},
        optional={
            "text": words,
            "items": st.lists(line, max_size=2),
            "parts": st.lists(st.fixed_dictionaries({"heading": line}), max_size=2),
        },
    )
    return base | {
        "pillars": pillars,
        "sections": draw(
            st.lists(
                st.fixed_dictionaries({"name": line}, optional={"goal": words, "department": line}),
                max_size=3,
                unique_by=lambda row: row["name"],
            )
        ),
        "organisation": draw(st.lists(heading, max_size=2)),
        "notes": draw(st.lists(line, max_size=3)),
    }


@hypothesis(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents())
def test_any_document_goes_out_as_it_came_in(document):
    text = document_text(document)
    read, problems = read_document(text.encode())
    assert problems == []
    assert Draft202012Validator(schema()).is_valid(document)
    with transaction.atomic():
        import_documents([("a.json", read)], author=Author())
        assert policy_text(Policy.objects.get()) == text
        (again,) = import_documents([("a.json", read)], author=Author())
        assert again.is_unchanged, again
        transaction.set_rollback(True)
