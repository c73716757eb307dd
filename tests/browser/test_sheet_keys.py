"""The sheet's scripts, on a page of paper: keys, pasting, waiting, asking and refusing."""

import pytest

from tests.browser.paper_sheet import ADDRESS, PaperSheet

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.fixture
def context(browser):
    context = browser.new_context(locale="ja-JP")
    context.set_default_timeout(5_000)
    yield context
    context.close()


@pytest.fixture
def sheet(context):
    page = context.new_page()
    broken = []
    page.on("pageerror", lambda error: broken.append(error))
    sheet = PaperSheet(page)
    sheet.open()
    yield sheet
    assert not broken, broken


def focused(sheet):
    return sheet.page.evaluate("document.activeElement.name")


def selected(sheet):
    return sheet.page.evaluate("String(getSelection())")


def press(sheet, *keys):
    for key in keys:
        sheet.page.keyboard.press(key)
    return focused(sheet)


def paste(sheet, name, text, html=""):
    sheet.cell(name).evaluate(
        """(cell, [text, html]) => {
            cell.focus();
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            if (html) clipboardData.setData("text/html", html);
            const options = { clipboardData, bubbles: true, cancelable: true };
            cell.dispatchEvent(new ClipboardEvent("paste", options));
        }""",
        [text, html],
    )


def values(sheet, *names):
    return [sheet.cell(name).input_value() for name in names]


def settled(sheet):
    """Wait until nothing is on its way, then what was saved."""
    sheet.page.wait_for_function("waiting.size === 0 && !running")
    return sheet.asked


class TestKeys:
    def test_up_and_down_pass_over_what_is_fixed_and_keep_to_the_column(self, sheet):
        sheet.cell("p1-t1.figure").focus()
        assert press(sheet, "Enter") == "p1-t3.figure"
        assert press(sheet, "ArrowDown") == "p2-t1.figure"  # a choice: not opened, not changed
        assert press(sheet, "ArrowDown") == "p2-t2.figure"
        assert press(sheet, "Enter") == "p2-t2.figure"  # the last row
        assert press(sheet, "Shift+Enter", "ArrowUp", "ArrowUp") == "p1-t1.figure"
        assert values(sheet, "p2-t1.figure") == [""]
        assert not sheet.asked

    def test_left_and_right_leave_the_text_only_at_its_ends(self, sheet):
        sheet.cell("p2-t2.figure").focus()
        assert selected(sheet) == "88.4"
        assert press(sheet, "ArrowRight") == "p2-t2.note"
        assert press(sheet, "ArrowLeft") == "p2-t2.figure"
        assert press(sheet, "F2", "ArrowLeft") == "p2-t2.figure"
        assert press(sheet, "ArrowRight") == "p2-t2.figure"
        assert press(sheet, "ArrowRight") == "p2-t2.note"
        sheet.cell("p2-t1.figure").focus()
        assert press(sheet, "ArrowLeft") == "p2-t1.figure"
        assert press(sheet, "ArrowRight") == "p2-t1.note"

    def test_typing_replaces_and_escape_brings_back(self, sheet):
        sheet.cell("p2-t2.figure").focus()
        sheet.page.keyboard.type("91")
        assert values(sheet, "p2-t2.figure") == ["91"]
        press(sheet, "Escape", "Tab")
        assert values(sheet, "p2-t2.figure") == ["88.4"]
        assert not sheet.asked

    def test_a_note_of_several_lines_is_walked_through_first(self, sheet):
        sheet.cell("p2-t1.note").focus()
        sheet.page.keyboard.type("一行目")
        press(sheet, "Alt+Enter")
        sheet.page.keyboard.type("二行目")
        assert values(sheet, "p2-t1.note") == ["一行目\n二行目"]
        assert press(sheet, "ArrowUp") == "p2-t1.note"
        assert press(sheet, "ArrowUp") == "p1-t3.note"

    def test_first_and_last_cell(self, sheet):
        sheet.cell("p2-t1.note").focus()
        assert press(sheet, "Control+Home") == "p1-t1.figure"
        assert press(sheet, "Control+End") == "p2-t2.note"

    @pytest.mark.parametrize("event", ["{ isComposing: true }", "{ keyCode: 229 }"])
    def test_an_enter_that_ends_a_conversion_stays(self, sheet, event):
        note = sheet.cell("p1-t1.note")
        note.focus()
        for key in ["Enter", "ArrowDown", "Escape"]:
            stays = note.evaluate(
                f"""(cell, key) => cell.dispatchEvent(new KeyboardEvent("keydown",
                    {{ key, bubbles: true, cancelable: true, ...{event} }}))""",
                key,
            )
            assert stays and focused(sheet) == "p1-t1.note"
        assert press(sheet, "Enter") == "p1-t3.note"

    def test_one_key_takes_over_what_was_before(self, sheet):
        sheet.cell("p1-t3.note").focus()
        assert press(sheet, "Alt+Digit1") == "p1-t3.figure"
        assert values(sheet, "p1-t3.figure") == ["12"]
        press(sheet, "Alt+Digit2")
        assert values(sheet, "p1-t3.figure") == ["10"]
        press(sheet, "Escape")
        assert values(sheet, "p1-t3.figure") == [""]
        assert press(sheet, "Alt+Digit1", "Alt+Digit3", "Enter") == "p2-t1.note"
        assert settled(sheet) == [("p1-t3.figure", "12"), ("p1-t3.note", "前の備考")]


class TestPasting:
    def test_a_block_fills_down_and_beside(self, sheet):
        block = '12\t雨で"1回"中止\r\n8\t見えない行\r\n5\t"一行目\n二行目\tと""三"""\r\n完了\t\r\n'
        paste(sheet, "p1-t1.figure", block)
        assert values(sheet, "p1-t1.figure", "p1-t1.note") == ["12", '雨で"1回"中止']
        assert values(sheet, "p1-t3.figure", "p1-t3.note") == ["5", '一行目\n二行目\tと"三"']
        assert values(sheet, "p2-t1.figure", "p2-t1.note") == ["完了", ""]
        assert values(sheet, "p2-t2.figure") == ["88.4"]
        said = sheet.page.text_content("[data-pasted]")
        assert "6個" in said and "1行あり" in said
        assert len(settled(sheet)) == 6
        assert sheet.kept["p2-t1"] == {"figure": "完了", "total": "", "kind": "final", "note": ""}

    def test_what_does_not_fit_is_said(self, sheet):
        paste(sheet, "p2-t1.figure", "着手ずみ\ta\tb\n５\tc\td\n6\te\tf\n7\n")
        assert values(sheet, "p2-t1.figure", "p2-t2.figure") == ["", "５"]
        said = sheet.page.text_content("[data-pasted]")
        assert "下の2行" in said and "右の1列" in said
        assert "「着手ずみ」は選べません" in sheet.page.text_content("#m-p2-t1")

    def test_one_step_back(self, sheet):
        paste(sheet, "p1-t1.figure", "12\tx\n0\n5\ty\n準備中\n")
        settled(sheet)
        press(sheet, "Control+z")
        sheet.page.wait_for_function("!running && !waiting.size")
        assert sheet.kept["p1-t1"]["figure"] == "9" and sheet.kept["p1-t1"]["note"] == ""
        assert sheet.kept["p1-t3"]["figure"] == "" and sheet.kept["p2-t1"]["figure"] == ""
        assert not sheet.page.get_by_role("button", name="元に戻す").is_visible()

    def test_one_step_back_while_a_cell_is_on_its_way(self, sheet):
        paste(sheet, "p1-t1.total", "20\n0\n30\n")
        press(sheet, "Control+z")
        settled(sheet)
        sheet.page.wait_for_function("!running && !waiting.size")
        assert values(sheet, "p1-t1.figure", "p1-t3.figure") == ["9", ""]
        assert sheet.kept["p1-t1"]["figure"] == "9" and sheet.kept["p1-t3"]["figure"] == ""

    def test_the_button_goes_back_while_the_server_is_away(self, sheet):
        sheet.answers = [None] * 9
        paste(sheet, "p1-t1.total", "20\n0\n30\n")
        sheet.page.get_by_text("まだ保存できていません").first.wait_for()
        sheet.page.get_by_role("button", name="貼り付けを元に戻す").click()
        sheet.page.wait_for_function("!waiting.size")
        assert values(sheet, "p1-t1.total", "p1-t3.total") == ["9", "15"]
        sheet.page.wait_for_function("document.activeElement.name === 'p1-t1.figure'")

    def test_lines_of_a_letter_stay_in_one_note(self, sheet):
        paste(sheet, "p1-t1.note", "一行目\n\n二行目")
        assert values(sheet, "p1-t3.note") == [""]
        paste(sheet, "p1-t1.note", "一行目\n\n二行目", "<table></table>")
        assert values(sheet, "p1-t1.note", "p1-t3.note") == ["一行目", "二行目"]

    def test_cells_of_html_are_only_text(self, sheet):
        paste(sheet, "p1-t1.figure", "<img src=x onerror=alert(1)>\t=cmd|'/c calc'!A1")
        assert values(sheet, "p1-t1.note") == ["=cmd|'/c calc'!A1"]


class TestSaving:
    def test_a_cell_is_saved_when_it_is_left(self, sheet):
        sheet.cell("p1-t1.figure").focus()
        sheet.page.keyboard.type("14")
        assert not sheet.asked
        press(sheet, "Enter")
        assert settled(sheet) == [("p1-t1.figure", "14")]
        assert sheet.page.text_content("[data-out=saved]") == "保存しました"
        assert sheet.page.text_content("[data-key=p1-t1] [data-out=rate]") == "50.0%"
        press(sheet, "Shift+Enter", "Tab")
        assert len(sheet.asked) == 1

    def test_what_cannot_be_read_stays_and_is_said_at_its_cell(self, sheet):
        sheet.answers = [
            (422, {"ok": False, "field": "figure", "message": "「約9」は読めません。"})
        ]
        cell = sheet.cell("p1-t1.figure")
        cell.fill("約9")
        press(sheet, "Enter")
        sheet.page.get_by_text("「約9」は読めません。").first.wait_for()
        assert cell.get_attribute("aria-invalid") == "true"
        press(sheet, "Shift+Enter", "Enter")
        assert len(settled(sheet)) == 1  # not asked again
        cell.fill("8")
        press(sheet, "Enter")
        settled(sheet)
        assert cell.get_attribute("aria-invalid") is None
        assert not sheet.page.locator("tr.msg:visible").count()

    def test_what_was_wrong_is_not_said_any_more_once_the_old_text_is_back(self, sheet):
        sheet.answers = [(422, {"message": "読めません。"})]
        sheet.cell("p1-t1.figure").fill("約9")
        press(sheet, "Tab")
        sheet.page.locator("#m-p1-t1").get_by_text("読めません。").wait_for()
        sheet.cell("p1-t1.figure").fill("9")
        press(sheet, "Tab")
        assert sheet.page.text_content("[data-out=saved]") == "すべて保存してあります。"

    def test_a_question_is_answered_at_the_cell(self, sheet):
        asks = {"ok": False, "question": True, "sure": "900", "message": "10倍です。"}
        sheet.answers = [(422, asks)]
        sheet.cell("p1-t1.figure").fill("900")
        press(sheet, "Enter")
        sheet.page.get_by_role("button", name="この数でよい").click()
        assert settled(sheet) == [("p1-t1.figure", "900")] * 2
        assert focused(sheet) == "p1-t1.figure"

    def test_away_and_back(self, sheet, context):
        sheet.answers = [None, (503, {})]
        sheet.cell("p1-t1.figure").fill("14")
        press(sheet, "Enter")
        sheet.page.locator("#m-p1-t1").get_by_text("まだ保存できていません").wait_for()
        sheet.page.keyboard.type("3")
        press(sheet, "Enter")
        sheet.page.locator("#m-p1-t3").get_by_text("まだ保存できていません").wait_for()
        sheet.page.evaluate("dispatchEvent(new Event('online'))")
        settled(sheet)
        assert sheet.asked[-2:] == [("p1-t1.figure", "14"), ("p1-t3.figure", "3")]
        assert not sheet.page.locator("tr.msg:visible").count()
        assert sheet.page.evaluate("localStorage.length") == 0

    def test_typed_while_away_and_found_again_by_the_same_person_only(self, sheet, context):
        sheet.answers = [None] * 20
        sheet.cell("p1-t1.figure").fill("14")
        sheet.cell("p1-t3.note").fill("途中")
        sheet.page.on("dialog", lambda dialog: dialog.accept())
        sheet.page.close(run_before_unload=True)

        other = PaperSheet(context.new_page(), user="doboku-head")
        other.open()
        assert values(other, "p1-t1.figure", "p1-t3.note") == ["9", ""]
        assert not other.asked

        again = PaperSheet(context.new_page())
        again.kept["p1-t1"]["figure"] = "10"  # somebody's, meanwhile
        again.open()
        again.page.wait_for_function("!running && !waiting.size")
        assert again.asked == [("p1-t1.figure", "14"), ("p1-t3.note", "途中")]
        assert again.seen[0] == ("9", "1")  # what it was typed upon: the server sees the conflict

    def test_it_works_where_nothing_can_be_kept(self, context):
        page = context.new_page()
        page.add_init_script(
            "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no') }})"
        )
        sheet = PaperSheet(page)
        sheet.open()
        sheet.cell("p1-t1.figure").fill("14")
        press(sheet, "Enter")
        assert settled(sheet) == [("p1-t1.figure", "14")]

    def test_whoever_leaves_too_early_is_warned(self, sheet):
        sheet.answers = [None] * 9
        sheet.cell("p1-t1.figure").click()
        sheet.page.keyboard.type("14")
        asked = []
        sheet.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
        sheet.page.close(run_before_unload=True)
        sheet.page.wait_for_timeout(200)
        assert asked == ["beforeunload"]

    def test_a_session_that_ended_leads_to_the_door(self, sheet):
        said = {"ok": False, "login": "/login/?next=/sheet/", "message": "ログアウトしました。"}
        sheet.answers = [(401, said)]
        sheet.cell("p1-t1.figure").fill("14")
        press(sheet, "Enter")
        link = sheet.page.locator("#m-p1-t1").get_by_role("link", name="ログインして続ける")
        assert link.get_attribute("href") == "/login/?next=/sheet/"
        warned = []
        sheet.page.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.accept()))
        link.click()
        sheet.page.wait_for_url("**/login/**")
        assert not warned  # it is kept
        sheet.open()
        assert settled(sheet)[-1] == ("p1-t1.figure", "14")

    def test_refused_for_good_stays_to_be_copied(self, sheet):
        sheet.kept["p1-t1"]["figure"] = "11"
        row = sheet.row("p1-t1") | {"version": 4}
        sheet.answers = [(409, {"refused": True, "message": "確認が済んでいます。", "row": row})]
        sheet.cell("p1-t1.figure").fill("14")
        press(sheet, "Enter")
        message = sheet.page.locator("#m-p1-t1")
        message.get_by_text("確認が済んでいます。 入力していた内容：14").wait_for()
        assert values(sheet, "p1-t1.figure") == ["11"]
        assert not sheet.cell("p1-t1.figure").is_editable()
        sheet.open()
        message.get_by_text("入力していた内容：14").wait_for()
        message.get_by_role("button").click()
        sheet.open()
        assert not message.is_visible()

    def test_two_people(self, sheet):
        def saved_by_another(figure, version):
            sheet.kept["p1-t1"]["figure"], sheet.versions["p1-t1"] = figure, version
            told = {"theirs": figure, "mine": "14", "message": "10:40 headさんが保存しました。"}
            sheet.answers = [(409, {"conflict": told, "row": sheet.row("p1-t1")})]
            sheet.cell("p1-t1.figure").fill("14")
            press(sheet, "Enter")

        saved_by_another("12", 5)
        said = "headさんが保存しました。いまの内容は「12」、あなたの入力は「14」です。"
        sheet.page.get_by_text(said).wait_for()
        sheet.page.get_by_role("button", name="「12」を使う").click()
        assert values(sheet, "p1-t1.figure") == ["12"]
        saved_by_another("13", 6)
        sheet.page.get_by_role("button", name="「14」で保存する").click()
        assert settled(sheet)[-1] == ("p1-t1.figure", "14")
        assert sheet.seen[-1] == ("13", "6")  # upon theirs, knowingly

    def test_ones_own_save_is_nobody_elses_after_a_reload(self, sheet):
        sheet.answers = [(422, {"message": "小さすぎます。"})]
        sheet.cell("p1-t1.total").fill("3")
        press(sheet, "Tab")
        sheet.page.get_by_text("小さすぎます。").first.wait_for()
        sheet.cell("p1-t1.figure").fill("14")
        press(sheet, "Enter")
        settled(sheet)
        sheet.page.on("dialog", lambda dialog: dialog.accept())
        sheet.open()
        assert settled(sheet)[-1] == ("p1-t1.total", "3")
        assert sheet.seen[-1] == ("9", "2")  # as it stood beside the figure that was saved

    def test_two_people_of_whom_one_emptied_the_cell(self, sheet):
        sheet.kept["p1-t1"]["figure"], sheet.versions["p1-t1"] = "", 5
        told = {"theirs": "", "mine": "14", "message": "10:40 headさんが保存しました。"}
        sheet.answers = [(409, {"conflict": told, "row": sheet.row("p1-t1")})]
        sheet.cell("p1-t1.figure").fill("14")
        press(sheet, "Enter")
        sheet.page.get_by_role("button", name="空のままにする").click()
        assert values(sheet, "p1-t1.figure") == [""]

    def test_what_another_person_saved_meanwhile_is_not_taken_for_ones_own(self, sheet):
        sheet.answers = [(422, {"message": "読めません。"})]
        sheet.cell("p1-t1.figure").fill("約9")
        press(sheet, "Tab")
        sheet.page.get_by_text("読めません。").first.wait_for()
        sheet.kept["p1-t1"]["figure"], sheet.versions["p1-t1"] = "12", 2  # theirs
        sheet.cell("p1-t1.note").fill("雨")
        press(sheet, "Enter")
        settled(sheet)
        assert values(sheet, "p1-t1.figure") == ["約9"]
        sheet.cell("p1-t1.figure").fill("14")
        press(sheet, "Enter")
        settled(sheet)
        assert sheet.seen[-1] == ("9", "1")

    def test_what_another_person_saved_meanwhile_shows_once_ones_own_is_dropped(self, sheet):
        sheet.answers = [(422, {"message": "読めません。"})]
        sheet.cell("p1-t1.figure").fill("約9")
        press(sheet, "Tab")
        sheet.page.get_by_text("読めません。").first.wait_for()
        sheet.kept["p1-t1"]["figure"], sheet.versions["p1-t1"] = "12", 2
        sheet.cell("p1-t1.note").fill("雨")
        press(sheet, "Enter")
        settled(sheet)
        sheet.cell("p1-t1.figure").fill("9")
        press(sheet, "Enter")
        assert values(sheet, "p1-t1.figure") == ["12"]

    def test_an_answer_does_not_disturb_who_types_on(self, sheet):
        sheet.cell("p1-t1.figure").fill("14")
        press(sheet, "Enter", "Shift+Enter", "Tab", "Tab")
        sheet.page.keyboard.type("そのあいだに書いた備考です", delay=5)
        assert values(sheet, "p1-t1.note") == ["そのあいだに書いた備考です"]
        press(sheet, "Enter")
        assert settled(sheet)[-1] == ("p1-t1.note", "そのあいだに書いた備考です")

    def test_submitting_saves_first_and_stops_at_what_is_wrong(self, sheet):
        sheet.answers = ["saves", (422, {"message": "読めません。"})]
        sheet.cell("p1-t1.figure").fill("14")
        sheet.cell("p1-t3.figure").fill("約5")
        submit = sheet.page.get_by_role("button", name="提出する")
        submit.click()
        sheet.page.get_by_text("もう一度押してください").wait_for()
        assert focused(sheet) == "p1-t3.figure" and not sheet.submitted
        sheet.page.keyboard.type("5")
        submit.click()
        sheet.page.wait_for_url(ADDRESS)
        sheet.page.wait_for_function("document.title === 'submitted'")
        # The move alone: what is saved already is not sent a second time.
        assert sheet.submitted[0] == {"csrfmiddlewaretoken": ["t"], "action": ["submit"]}
        assert sheet.kept["p1-t3"]["figure"] == "5"
