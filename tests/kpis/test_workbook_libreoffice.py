"""The sheet goes through a real LibreOffice and comes back as it was filled."""

import os
import shutil
import subprocess
from decimal import Decimal

import pytest

from tests.kpis.workbooks import NOTE, WHOLE, Desk

#: LibreOffice starts cold in a folder of its own.
PATIENCE = 120


def libreoffice() -> str:
    """The program; without one the test is left out, and with CI=true that is a failure."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found:
        return found
    missing = "no LibreOffice was found (soffice); .ci/run installs libreoffice-calc-nogui"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(missing)
    pytest.skip(missing)


class ThroughLibreOffice(Desk):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path):
        self.folder = tmp_path

    def saved_by_libreoffice(self, data: bytes) -> bytes:
        program = libreoffice()
        file, out = self.folder / "実績入力.xlsx", self.folder / "out"
        file.write_bytes(data)
        subprocess.run(
            [
                program,
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

    def test_what_was_filled_arrives(self):
        cast = self.cast
        kept = cast.target(cast.traffic, "p07-t2", "交通安全教室：小学校", value=16, unit="校")
        cast.entered(kept, cast.second_half, "7.5", note="1行目\n2行目", certainty="provisional")
        formula = cast.target(cast.traffic, "p07-t3", "自転車教室", value=35, unit="回")
        dated = cast.target(cast.traffic, "p07-t4", "朝の見守り", value=40, unit="回")
        wide = cast.target(cast.traffic, "p07-t5", "街頭啓発", value=300, unit="回")
        share = cast.target(
            cast.traffic,
            "p07-t6",
            "参加者の満足度",
            measure="percentage",
            accumulation="latest",
            value=90,
            unit="%",
        )
        stage = cast.target(
            cast.traffic, "p07-t7", "安全マップの作成", measure="milestone", accumulation=""
        )
        self.as_chiiki()
        copy = (
            self.copy()
            .fill("p07-t1", 14, 備考="=園の希望による", 母数=48)
            .fill(formula.key, "=10+8")
            .fill(wide.key, "２７０")
            .fill(share.key, 0.884)
            .fill(stage.key, "実施中", 区分="見込")
        )
        copy.cell("p07-t1", NOTE).data_type = "s"
        copy.cell(share.key).number_format = "0.0%"
        copy.page.column_dimensions[copy.letter(WHOLE)].width = 30
        page = self.send(self.saved_by_libreoffice(copy.data()))
        preview = page.context["preview"]
        self.assertEqual([problem.text for problem in preview.problems], [])
        self.assertEqual(preview.unchanged, 2)  # what stood there, and what nobody filled
        self.press(page)
        nurseries = self.kept(cast.nurseries)
        self.assertEqual((nurseries.value, nurseries.denominator), (14, 48))
        self.assertEqual(nurseries.note, "=園の希望による")
        self.assertEqual(self.kept(formula).value, 18)
        self.assertEqual(self.kept(wide).value, 270)
        self.assertEqual(self.kept(share).value, Decimal("88.4"))
        self.assertEqual(
            (self.kept(stage).stage, self.kept(stage).certainty), ("under_way", "provisional")
        )
        self.assertEqual((self.kept(kept).version, self.kept(kept).note), (1, "1行目\n2行目"))
        self.assertFalse(dated.actuals.exists())

    def test_a_sheet_that_nobody_filled_changes_nothing(self):
        self.as_fukushi()
        self.cast.entered(self.cast.plan, self.cast.second_half, stage="done", note="策定した")
        self.cast.entered(self.cast.supporters, self.cast.second_half, missing="pending")
        sent = self.client.get(self.url("sheet_xlsx")).content
        page = self.send(self.saved_by_libreoffice(sent))
        self.assertEqual((page.context["rows"], page.context["preview"].problems), ([], []))
        self.assertEqual(page.context["preview"].unchanged, 3)
