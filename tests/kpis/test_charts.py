"""The drawings: every case of the visual language, read back from the SVG they make."""

import xml.etree.ElementTree as ET
from decimal import Decimal
from fractions import Fraction

import pytest

from kpis import charts

HALF = Fraction(1, 2)


def drawn(svg):
    """The chart as a tree: what is not well-formed would not be drawn by a browser either."""
    return ET.fromstring(svg)


def parts(svg, kind):
    """The attributes of the shapes with that class, in the order drawn."""
    return [part.attrib for part in drawn(svg).iter() if kind in part.get("class", "").split()]


def marks(svg, name):
    return [part.attrib for part in drawn(svg).iter("use") if part.get("href") == f"#{name}"]


def patrols(**changes):
    """550 patrols, 275 made by the end of the first half."""
    drawing = {"status": "on_track", "label": "順調。", "reach": HALF, "due": HALF}
    return charts.bullet(**{**drawing, **changes})


class TestPlace:
    @pytest.mark.parametrize(
        ("share", "at"),
        [
            (0, "0%"),
            (HALF, "41.67%"),
            (Fraction(1), "83.33%"),
            (Decimal("1.2"), "100%"),
            (Fraction(13, 10), "100%"),
            (-1, "0%"),
        ],
    )
    def test_the_axis_runs_from_0_to_120_percent_of_the_target(self, share, at):
        assert charts.place(share) == at


class TestBullet:
    def test_half_way_at_mid_year_stands_at_the_marker(self):
        svg = patrols()
        assert parts(svg, "b-bar")[0]["width"] == "41.67%"
        assert parts(svg, "b-due")[0]["width"] == "41.67%"
        assert marks(svg, "m-pace")[0]["x"] == "41.67%"
        assert parts(svg, "b-target")[0]["x1"] == charts.GOAL

    def test_it_says_the_same_in_words(self):
        svg = drawn(patrols(label="順調。目標550回に対し275回、達成率50.0%"))
        assert svg.get("role") == "img"
        assert svg.get("aria-label") == "順調。目標550回に対し275回、達成率50.0%"
        assert svg.get("data-status") == "on_track"

    def test_words_from_a_policy_cannot_become_markup(self):
        svg = patrols(label='"><script>alert(1)</script>')
        assert "<script" not in svg
        assert drawn(svg).get("aria-label").startswith('">')

    def test_beyond_120_percent_the_bar_stops_with_an_arrow_head(self):
        svg = patrols(status="achieved", reach=Fraction(13, 10))
        assert parts(svg, "b-bar")[0]["width"] == "100%"
        assert marks(svg, "m-over")
        assert not marks(patrols(reach=Fraction(12, 10)), "m-over")

    def test_an_entered_zero_is_a_sliver_and_no_entry_a_dashed_box(self):
        zero = patrols(status="behind", reach=Fraction(0))
        assert parts(zero, "b-bar")[0]["width"] == ".2em"
        nothing = patrols(status="not_entered", reach=None)
        assert parts(nothing, "b-empty")
        assert not parts(nothing, "b-bar")
        assert parts(nothing, "b-target"), "the target stays"

    def test_an_earlier_figure_still_shows_where_this_period_has_none(self):
        svg = patrols(status="not_entered")
        assert parts(svg, "b-empty")
        assert parts(svg, "earlier")[0]["width"] == "41.67%"

    def test_a_reason_instead_of_a_figure_leaves_the_track_empty(self):
        svg = patrols(status="not_judged", label="集計中", reach=None)
        assert parts(svg, "b-track")
        assert not parts(svg, "b-bar")

    def test_nothing_due_yet_has_neither_marker_nor_due_zone(self):
        for due in (None, Fraction(0)):
            svg = patrols(status="not_judged", reach=Fraction(0), due=due)
            assert not marks(svg, "m-pace")
            assert not parts(svg, "b-due")

    def test_a_limit_gets_a_cap_that_points_back_to_zero(self):
        assert marks(patrols(limit=True), "m-cap")
        assert not marks(patrols(), "m-cap")

    def test_a_provisional_figure_is_an_outline(self):
        assert "prov" in parts(patrols(provisional=True), "b-bar")[0]["class"]
        assert "prov" not in parts(patrols(), "b-bar")[0]["class"]

    def test_a_changed_target_leaves_a_dotted_line_where_it_was(self):
        svg = patrols(original=Fraction(10, 9))
        assert parts(svg, "b-ghost")[0]["x1"] == charts.place(Fraction(10, 9))

    @pytest.mark.parametrize("status", ["cancelled", "postponed"])
    def test_what_was_given_up_is_hatched_and_has_no_goal(self, status):
        svg = patrols(status=status)
        assert parts(svg, "b-void")
        assert not parts(svg, "b-target")
        assert not parts(svg, "b-bar")

    def test_the_due_zone_ends_with_the_track(self):
        assert parts(patrols(due=Fraction(3, 2)), "b-due")[0]["width"] == charts.place(1)


class TestBulletOfOneTarget:
    def test_its_axis_reaches_as_far_as_the_target_that_was_lowered(self):
        svg = patrols(status="behind", reach=Fraction(4, 18), original=Fraction(30, 18), end=2)
        assert parts(svg, "b-target")[0]["x1"] == "50%"
        assert parts(svg, "b-ghost")[0]["x1"] == "83.33%"
        assert parts(svg, "b-track")[0]["width"] == "50%"

    def test_what_earlier_periods_brought_lies_in_grey_over_the_bar(self):
        svg = patrols(reach=Fraction(1), earlier=HALF)
        assert [part["width"] for part in parts(svg, "b-bar")] == ["83.33%", "41.67%"]
        assert "earlier" in parts(svg, "b-bar")[1]["class"]

    def test_nothing_earlier_adds_no_bar(self):
        assert len(parts(patrols(earlier=Fraction(0)), "b-bar")) == 1

    def test_the_axis_says_the_figures(self):
        svg = charts.number_axis([(0, "0"), (HALF, "275"), (1, "550回")])
        assert [part.text for part in drawn(svg).iter("text")] == ["0", "275", "550回"]


class TestSteps:
    @pytest.mark.parametrize(
        ("stage", "filled"), [("not_started", 0), ("preparing", 1), ("under_way", 2), ("done", 3)]
    )
    def test_as_many_of_the_three_steps_are_filled_as_were_taken(self, stage, filled):
        svg = charts.steps("on_track", "順調。段階は実施中", stage=stage)
        assert len(parts(svg, "b-step")) == 3
        assert len(parts(svg, "on")) == filled
        assert not marks(svg, "m-pace"), "no plan without a number"

    def test_work_without_an_end_reaches_its_goal_by_being_carried_on(self):
        assert len(parts(charts.steps("achieved", "達成", stage="under_way"), "on")) == 3

    def test_not_started_was_said_and_differs_from_nothing_said(self):
        assert parts(charts.steps("behind", "遅れ", stage="not_started"), "b-bar")
        assert not parts(charts.steps("not_judged", "集計中"), "b-bar")

    def test_no_entry_is_dashed_and_keeps_the_earlier_stage(self):
        svg = charts.steps("not_entered", "未入力", stage="preparing")
        assert len(parts(svg, "open")) == 2
        assert len(parts(svg, "earlier")) == 1
        assert not parts(svg, "on")

    def test_cancelled_is_hatched(self):
        assert parts(charts.steps("cancelled", "中止", stage="preparing"), "b-void")


class TestStacked:
    COUNTS = {"behind": 2, "achieved": 4, "on_track": 13, "cancelled": 1}  # 20 in all

    def test_from_the_best_news_to_the_cancelled_in_proportion(self):
        svg = charts.stacked(self.COUNTS, "達成4、順調13、遅れ2、中止1")
        groups = [part.get("data-status") for part in drawn(svg).iter("g")]
        assert groups == ["achieved", "on_track", "behind", "cancelled"]
        widths = [part.get("width") for part in drawn(svg).iter("rect")]
        assert widths == ["20.00%", "65.00%", "10.00%", "5.00%"]

    def test_a_narrow_segment_drops_its_mark_but_keeps_its_number(self):
        svg = charts.stacked(self.COUNTS, "…")
        assert marks(svg, "i-behind")
        assert not marks(svg, "i-cancelled")
        assert [part.text for part in drawn(svg).iter("text")] == ["4", "13", "2", "1"]

    def test_in_a_small_chart_the_narrowest_drop_their_number_too(self):
        svg = charts.stacked(self.COUNTS, "…", small=True)
        assert [part.text for part in drawn(svg).iter("text")] == ["4", "13", "2"]
        assert not marks(svg, "i-behind")

    def test_no_number_is_squeezed_into_a_sliver(self):
        svg = charts.stacked({"achieved": 98, "behind": 2}, "達成98、遅れ2")
        assert [part.text for part in drawn(svg).iter("text")] == ["98"]

    def test_nothing_to_count_draws_nothing(self):
        assert charts.stacked({}, "") == ""
        assert charts.stacked({"achieved": 0}, "") == ""

    def test_stages_stack_in_the_order_of_the_work(self):
        svg = charts.stacked(
            {"done": 1, "not_started": 1},
            "未着手1、完了1",
            order=charts.STAGES,
            attribute="data-stage",
        )
        assert [part.get("data-stage") for part in drawn(svg).iter("g")] == ["not_started", "done"]


class TestSmallCharts:
    def test_a_thin_bar_is_for_the_eye_only(self):
        svg = drawn(charts.thin(Fraction(56, 60), tick=HALF))
        assert svg.get("aria-hidden") == "true"
        assert [part.get("width") for part in svg.iter("rect")] == ["100%", "93.3%"]
        assert next(svg.iter("line")).get("x1") == "50.0%"

    def test_a_thin_bar_never_leaves_its_box(self):
        widths = [part.get("width") for part in drawn(charts.thin(Fraction(9, 4))).iter("rect")]
        assert widths == ["100%", "100.0%"]

    def test_a_strip_shows_each_status_once(self):
        svg = drawn(charts.strip({"achieved": 1, "behind": 3}))
        assert [part.get("data-status") for part in svg.iter("rect")] == ["achieved", "behind"]

    def test_a_cell_hides_its_word_from_the_eye_only(self):
        assert '<span class="vh">やや遅れ</span>' in charts.cell("slightly_behind", "やや遅れ")

    def test_a_chip_has_mark_and_word(self):
        chip = charts.chip("behind", "遅れ")
        assert 'href="#i-behind"' in chip
        assert "遅れ" in chip

    def test_names_of_grades_are_the_policys_own_and_are_escaped(self):
        assert "&lt;b&gt;" in charts.chip("achieved", "<b>")
        assert "&lt;b&gt;" in charts.cell("achieved", "<b>")


class TestAxes:
    def test_the_axis_names_zero_the_plan_and_the_goal(self):
        svg = charts.bullet_axis("目盛り", pace="計画の位置", goal="目標", at=HALF)
        texts = {part.text for part in drawn(svg).iter("text")}
        assert texts == {"0", "▼計画の位置", "50%", "目標"}

    def test_at_year_end_the_plan_is_the_goal_and_needs_no_mark(self):
        assert "▼" not in charts.bullet_axis("目盛り", pace="計画", goal="目標")

    def test_steps_are_named_over_the_steps(self):
        svg = charts.steps_axis("段階", ["準備中", "実施中", "完了"])
        assert [part.text for part in drawn(svg).iter("text")] == ["準備中", "実施中", "完了"]


def test_a_template_does_not_escape_a_chart_again():
    svg = patrols()
    assert svg.__html__() is svg
