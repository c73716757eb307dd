"""What is said of a file that cannot be read, and of a cell that cannot be taken over."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .workbook import HEADINGS
from .workbook_reading import LARGEST_FILE, Trouble, UnreadableFile

FILE_SENTENCES = {
    "no_file": _("ファイルが選ばれていません。記入したExcelファイルを選んでください。"),
    "empty": _("このファイルは空です。記入したExcelファイルを選んでください。"),
    "too_large": _(
        "このファイルは大きすぎます（%(most)sMBまで）。あゆみから書き出した様式に記入したものを"
        "選んでください。"
    ),
    "too_much_inside": _(
        "このファイルは、中身を広げると大きくなりすぎるため、読んでいません。"
        "あゆみから書き出した様式に写して、選び直してください。"
    ),
    "too_many_rows": _(
        "%(most)s行より下に入力があるため、読んでいません。表の下の余分な行を消してください。"
    ),
    "old_format": _(
        "古い形式（.xls）などのファイルは読めません。Excelで開き、「Excelブック（.xlsx）」として"
        "保存してから、選び直してください。"
    ),
    "encrypted": _(
        "パスワードの付いたファイルは読めません。パスワードを外して保存してから、"
        "選び直してください。"
    ),
    "csv": _("これはCSVなどの文字だけのファイルです。.xlsx の様式を選んでください。"),
    "no_workbook": _(
        "これはExcelファイル（.xlsx）ではありません。あゆみから書き出した様式を選んでください。"
    ),
    "broken": _(
        "このファイルは壊れているか、Excelの形式に合っていないため、読めません。"
        "Excelで開いて保存し直してから、選び直してください。"
    ),
    "macros": _(
        "マクロの入ったファイルは読みません。「Excelブック（.xlsx）」として保存してから、"
        "選び直してください。"
    ),
    "external_links": _(
        "ほかのファイルへのリンクやデータ接続の入ったファイルは読みません。"
        "リンクを解除して値だけにし、保存してから、選び直してください。"
    ),
    "no_reference": _(
        "整理番号が見つかりません。あゆみから書き出した様式を使い、整理番号を消さないでください。"
    ),
    "two_sheets": _(
        "同じ整理番号のシートが2つあります（「%(first)s」と「%(second)s」）。"
        "取り込まない方を消してください。"
    ),
    "no_headings": _(
        "見出しの行（目標番号、この期の実績など）が見つかりません。"
        "様式を書き出し直して、写してください。"
    ),
    "heading_twice": _("見出し「%(column)s」の列が2つあります。1つにしてください。"),
    "heading_missing": _(
        "見出し「%(column)s」の列がありません。様式を書き出し直して、写してください。"
    ),
    "another_sheet": _(
        "これは、%(other)sの様式です（整理番号 %(reference)s）。この画面の様式は %(wanted)s です。"
        "この画面から書き出した様式に記入するか、その様式の画面で取り込んでください。"
    ),
    "closed": _("この期は締め切られているため、取り込めません。"),
    "stale": _("確認の画面が古くなりました。ファイルをもう一度選んでください。"),
}

#: What may make a sheet another one, the widest first.
OTHER = {
    "ward": _("ほかの区"),
    "year": _("ほかの年度"),
    "period": _("ほかの期"),
    "section": _("ほかの課"),
}

TROUBLES = {
    "date": _(
        "日付（%(shown)s）になっています。Excelが「3-5」や「3/5」のような入力を日付に変えたものです。"
        "欄の書式を「標準」か「文字列」に直し、入力し直してください。"
    ),
    "error": _("数式のエラー（%(shown)s）です。数式を直すか、数を入力してください。"),
    "truth": _("「%(shown)s」（真偽値）になっています。数を入力してください。"),
    "formula": _(
        "数式の結果がファイルに残っていません。Excelで開いて保存し直すか、数を入力してください。"
    ),
}

PROBLEMS = {
    "no_key": _("目標番号がない行に入力があります。様式の目標番号を入れるか、行を消してください。"),
    "unknown_key": _(
        "「%(key)s」は、この様式の目標ではありません。目標番号を直すか、行を消してください。"
    ),
    "twice": _("%(key)sの行が2つあります（%(other)sにもあります）。どちらかの行を消してください。"),
    "kind": _("「%(typed)s」は区分として読めません。%(kinds)sのどれかを入れてください。"),
    "two_reasons": _("数がない理由が2つあります。「区分」の理由だけにしてください。"),
    "no_whole": _("この目標には母数がありません。欄を空けてください。"),
    "two_wholes": _("母数が「この期の実績」の欄と違います。どちらかに合わせてください。"),
    "too_long": _("%(length)s文字あります。%(most)s文字までにしてください。"),
    "null": _("使えない文字が入っています。入力し直してください。"),
}


def file_sentence(error: UnreadableFile) -> str:
    values = dict(error.values)
    if "column" in values:
        values["column"] = HEADINGS[values["column"]]
    if error.key == "too_large":
        values["most"] = LARGEST_FILE // 1024 // 1024
    if error.key == "another_sheet":
        found, wanted = values["reference"], values["wanted"]
        differs = [name for name in OTHER if getattr(found, name) != getattr(wanted, name)]
        values["other"] = OTHER[differs[0]]
    return str(FILE_SENTENCES[error.key]) % values if values else str(FILE_SENTENCES[error.key])


def trouble_sentence(trouble: Trouble) -> str:
    return str(TROUBLES[trouble.key]) % {"shown": trouble.shown}


def problem_sentence(key: str, /, **values) -> str:
    said = str(PROBLEMS[key])
    return said % values if values else said


def listed(names: list[str]) -> str:
    return gettext("、").join(names)
