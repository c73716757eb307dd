"""The opinion sheet as one file for a browser: what is in it, and what it brings back."""

import base64
import hashlib
import json
import re

from django.db import connection
from django.test.utils import CaptureQueriesContext

from reviews.models import Comment, Grade, Round
from tests.kpis.pages import text_of
from tests.reviews.sheets import Desk, saved, words


class WhatGoesOut(Desk):
    def page(self, **choices) -> str:
        return self.page_sent_out(**choices).decode()

    def test_it_is_taken_away_and_never_shown_as_a_page(self):
        answer = self.client.get(self.of("sheet_html"))
        self.assertTrue(answer["Content-Disposition"].startswith("attachment"))
        self.assertIn(".html", answer["Content-Disposition"])

    def test_it_asks_no_host_for_anything_and_says_so_itself(self):
        page = self.page()
        self.assertNotRegex(page, r'(?:src|href|action)="(?:https?:)?//')
        self.assertNotRegex(page, r'(?:src|href)="/')
        self.assertNotRegex(page, r"@import|url\((?!#)")
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)[1]
        self.assertIn("default-src &#x27;none&#x27;", policy)
        self.assertNotIn("unsafe", policy)
        for element in ("style", "script"):
            inside = re.search(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)[1]
            digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
            self.assertIn(f"{element}-src &#x27;sha256-{digest}&#x27;", policy)

    def test_there_are_projects_with_figures_charts_and_accounts_out_of_the_copy(self):
        self.cast.patrols.actuals.update(value=1)
        page = self.page()
        said = text_of(page)
        for text in (
            "風水害に対する備え",
            "275 / 550回",
            "50.0%",
            "道路と公園を巡回しました。",
            "委員（有識者）",
        ):
            self.assertIn(text, said)
        self.assertRegex(page, r'<svg class="bullet" data-status="on_track" role="img"')
        self.assertIn("目標550回に対し275回", page)

    def test_what_is_here_already_stands_in_its_field(self):
        self.cast.comment(self.who, "もう書いた文</script><b>&\n2行目")
        page = self.page()
        held = json.loads(re.search(r'id="answers"[^>]*>(.*?)</script>', page, re.DOTALL)[1])
        self.assertEqual(held["comments"][0]["text"], "もう書いた文</script><b>&\n2行目")
        self.assertIn("もう書いた文&lt;/script&gt;&lt;b&gt;&amp;\n2行目</textarea>", page)

    def test_it_says_what_to_send_to_whom(self):
        self.cast.policy.contact = "区政推進課 企画調整係\n045-000-0000"
        self.cast.policy.save()
        said = text_of(self.page())
        self.assertIn("045-000-0000", said)
        self.assertIn("意見をファイルに保存する", said)

    def test_it_costs_the_same_whatever_was_said(self):
        self.page()
        with CaptureQueriesContext(connection) as little:
            self.page()
        for n in range(20):
            self.cast.comment(self.who, f"意見{n}")
        with CaptureQueriesContext(connection) as much:
            self.page()
        self.assertEqual(len(little), len(much))


class WhatComesBack(Desk):
    def test_what_a_browser_saved_is_shown_and_then_kept_exactly(self):
        data = saved(
            self.page_sent_out(),
            ("u-1", "project p05", "proposal", "  回数より\n成果を <b>👍</b>"),
            ("u-2", "pillar a", "praise", "着実です"),
            ("u-3", "whole", "question", "来年度は"),
        )
        page = self.send(data, name="意見票.json")
        self.assertEqual(page.context["preview"].problems, [])
        self.assertIn("⑤ 風水害に対する備え", words(page))
        self.assertNotIn("project p05", words(page))
        self.press(page)
        self.assertEqual(
            self.comments(),
            [
                ("project", "p05", "proposal", "  回数より\n成果を <b>👍</b>"),
                ("pillar", "a", "praise", "着実です"),
                ("whole", "", "question", "来年度は"),
            ],
        )
        self.assertEqual(Comment.objects.first().source, "file")

    def test_the_page_itself_is_read_as_a_browser_saved_it(self):
        page = self.page_sent_out()
        answers = saved(page, ("u-1", "whole", "praise", "よい </script> 文")).decode()
        answers = answers.replace("<", "\\u003c")
        whole = re.sub(
            r'(id="answers"[^>]*>).*?(</script>)',
            lambda found: found[1] + answers + found[2],
            page.decode(),
            flags=re.DOTALL,
        )
        self.bring(whole.encode())
        self.assertEqual([each[3] for each in self.comments()], ["よい </script> 文"])

    def test_the_same_file_a_second_time_changes_nothing(self):
        data = saved(self.page_sent_out(), ("u-1", "whole", "praise", "よい"))
        self.bring(data)
        self.assertTrue(self.send(data).context["preview"].is_empty)

    def test_a_comment_carried_into_a_newer_sheet_is_known_again(self):
        self.bring(saved(self.page_sent_out(), ("u-1", "whole", "praise", "よい")))
        newer = saved(self.page_sent_out(), ("u-1", "whole", "praise", "とてもよい"))
        page = self.send(newer)
        self.assertEqual(
            (len(page.context["preview"].changed), page.context["preview"].new), (1, [])
        )

    def test_grades_come_back_too(self):
        Round.objects.update(
            asks_grade=True, grades=[{"key": "A", "name": "期待どおり"}, {"key": "B"}]
        )
        page = self.page_sent_out()
        self.assertIn('data-grade="p05"', page.decode())
        self.bring(saved(page, grades={"p05": "B", "nothing": "A"}))
        self.assertEqual(list(Grade.objects.values_list("key", "grade")), [("p05", "B")])

    def test_what_is_wrong_is_told_by_the_project(self):
        page = self.send(
            saved(
                self.page_sent_out(),
                ("u-1", "project p05", "", "種別がない"),
                ("u-2", "project p99", "praise", "ない事業"),
                ("u-3", "whole", "praise", "字\x00"),
                ("u-4", "project p07", "praise", "長" * 20_001),
            )
        )
        self.assert_problem(page, "⑤ 風水害に対する備え", "種別が空です")
        self.assert_problem(page, "全体について", "使えない文字")
        self.assert_problem(page, "⑦ 交通安全対策", "20,001文字")
        self.assertContains(page, "「project p99」という事業・柱は、この回にありません")


class Refused(Desk):
    def refuse(self, data, text):
        self.assert_refused(self.send(data, name="意見票.json"), text)

    def test_files_that_are_no_answers(self):
        good = json.loads(saved(self.page_sent_out(), ("u-1", "whole", "praise", "よい")))

        def changed(**more):
            return json.dumps({**good, **more}).encode()

        comment = good["comments"][0]
        for data, text in [
            (b"{", "途中で切れているか"),
            (b'{"a": 1}', "意見が入っていません"),
            (b"<!doctype html><p>x</p>", "意見が入っていません"),
            (b'{"a": "\xff"}', "途中で切れているか"),
            (b'{"a":' + b"[" * 200_000, "途中で切れているか"),
            (changed(format="ayumi-opinion-sheet/9"), "意見が入っていません"),
            (changed(reference="x"), "整理番号が見つかりません"),
            (changed(comments={}), "途中で切れているか"),
            (changed(comments=["x"]), "途中で切れているか"),
            (changed(comments=[{**comment, "text": 5}]), "途中で切れているか"),
            (changed(comments=[{**comment, "slot": ""}]), "途中で切れているか"),
            (changed(comments=[comment, comment]), "途中で切れているか"),
            (changed(comments=[{**comment, "about": "\ud800"}]), "途中で切れているか"),
            (changed(grades={"p05": 1}), "途中で切れているか"),
            (
                changed(comments=[{**comment, "slot": f"u-{n}"} for n in range(2001)]),
                "大きくなりすぎる",
            ),
        ]:
            with self.subTest(data[:60]):
                self.refuse(data, text)

    def test_a_page_made_to_keep_a_parser_busy_is_refused_at_once(self):
        # A parser of HTML needs minutes for each of them, and hours for files of the largest size.
        for piece in (b"<!--", b"<a x=", b'<script id="', b"<script id=answers "):
            page = self.send(piece * 100_000)
            self.assert_refused(page, "意見が入っていません")

    def test_the_file_of_another_member(self):
        other = self.page_sent_out(member=self.cast.area_member)
        page = self.send(saved(other, ("u-1", "whole", "praise", "よい")))
        self.assert_refused(page, "ほかの委員の意見票です")
        self.assertContains(page, self.of(member=self.cast.area_member))

    def test_a_mark_of_somebody_elses_comment_reaches_nothing(self):
        theirs = self.cast.comment(self.cast.area_member, "ほかの委員の文")
        data = saved(
            self.page_sent_out(), (f"#{theirs.pk}-1-00000000", "project p05", "praise", "奪う")
        )
        page = self.send(data)
        self.assertIn("この委員のこの回の意見ではありません", words(page))
        self.assertNotIn("ほかの委員の文", words(page))

    def test_half_a_character_is_a_problem_and_no_error(self):
        page = self.send(
            saved(self.page_sent_out()).replace(
                b'"comments": []',
                b'"comments": [{"slot": "u-1", "about": "whole", "kind": "praise", '
                b'"text": "\\ud83d"}]',
            )
        )
        self.assert_problem(page, "全体について", "使えない文字")

    def test_more_words_than_a_page_can_carry(self):
        import random

        letters = [chr(n) for n in range(0x4E00, 0x9FA5)]
        many = [
            (f"u-{n}", "whole", "praise", "".join(random.choices(letters, k=20_000)))
            for n in range(60)
        ]
        self.assert_refused(self.send(saved(self.page_sent_out(), *many)), "文字が多すぎて")
