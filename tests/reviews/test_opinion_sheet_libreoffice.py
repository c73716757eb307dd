"""The opinion sheet goes through a real LibreOffice and comes back as it was filled."""

import subprocess

import pytest

from tests.kpis.test_workbook_libreoffice import PATIENCE, libreoffice
from tests.reviews.sheets import ABOUT, Desk


class ThroughLibreOffice(Desk):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path):
        self.folder = tmp_path

    def saved_by_libreoffice(self, data: bytes) -> bytes:
        file, out = self.folder / "意見票.xlsx", self.folder / "out"
        file.write_bytes(data)
        subprocess.run(
            [
                libreoffice(),
                "--headless",
                f"-env:UserInstallation={(self.folder / 'profile').as_uri()}",
                "--convert-to",
                "xlsx:Calc MS Excel 2007 XML",
                "--outdir",
                str(out),
                str(file),
            ],
            check=True,
            capture_output=True,
            timeout=PATIENCE,
        )
        return (out / file.name).read_bytes()

    def test_what_was_filled_arrives_and_what_was_left_changes_nothing(self):
        self.cast.comment(self.who, "もう\n届いた文", source="paper", on_behalf=True)
        typed = "  1行目\n=2+3\n\n㉝ 髙 👍  "
        copy = self.copy().write("p07-1", "3 提案", typed).write("全体-1", "評価", "3-5")
        copy.write("追加-1", "課題", "=NOW()", **{ABOUT: "⑳ 認知症施策の推進"})
        data = self.saved_by_libreoffice(copy.data())
        page = self.send(data)
        self.assertEqual(page.context["preview"].problems, [])
        self.assertEqual(page.context["preview"].unchanged, 1)
        self.press(page)
        self.assertEqual(
            self.comments()[1:],
            [
                ("project", "p07", "proposal", typed),
                ("whole", "", "praise", "3-5"),
                ("project", "p20", "concern", "=NOW()"),
            ],
        )
        self.assertTrue(self.send(data).context["preview"].is_empty)
