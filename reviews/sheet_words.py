"""What is said of an opinion sheet that is not taken over, and of a field that is not."""

from django.utils.translation import gettext_lazy as _

from kpis.workbook_reading import LARGEST_FILE, UnreadableFile
from kpis.workbook_words import FILE_SENTENCES as OF_WORKBOOKS

from .opinion_sheet import HEADINGS

FILE_SENTENCES = OF_WORKBOOKS | {
    "no_file": _("ファイルが選ばれていません。委員から届いた意見票のファイルを選んでください。"),
    "empty": _("このファイルは空です。委員から届いた意見票のファイルを選んでください。"),
    "csv": _(
        "これは意見票のファイルではありません。Excelの意見票（.xlsx）か、意見票の画面で保存した"
        "ファイル（.json・.html）を選んでください。"
    ),
    "no_workbook": _(
        "これは意見票のファイルではありません。Excelの意見票（.xlsx）か、意見票の画面で保存した"
        "ファイル（.json・.html）を選んでください。"
    ),
    "broken_file": _(
        "このファイルは途中で切れているか、書き換えられているため、読めません。"
        "委員に、意見票の画面からもう一度保存して送ってもらってください。"
    ),
    "no_answers": _(
        "このファイルには、意見が入っていません。意見票の画面の「意見をファイルに保存する」で"
        "できたファイルを選んでください。"
    ),
    "no_reference": _(
        "整理番号が見つかりません。あゆみから書き出した意見票を使い、整理番号を消さないでください。"
    ),
    "two_references": _(
        "整理番号が2つあります。ほかの意見票から写したものを消し、整理番号を1つにしてください。"
    ),
    "no_opinion_headings": _(
        "見出しの行（欄番号、種別、意見）が見つかりません。"
        "意見票を書き出し直して、意見を写してください。"
    ),
    "another_ward": _("これは、ほかの区の意見票です（整理番号 %(reference)s）。取り込めません。"),
    "another_round": _(
        "これは、ほかの回の意見票です（整理番号 %(reference)s）。"
        "その回の「意見票・代理入力」から取り込んでください。"
    ),
    "another_member": _(
        "これは、ほかの委員の意見票です（整理番号 %(reference)s）。"
        "その委員の「取り込む」から取り込んでください。"
    ),
    "older_copy": _(
        "この意見票は、前の写し（第%(copy)s版）から作られています。そのあと結果の写しが"
        "作り直されたため、取り込めません。新しい意見票を送り、意見を写してもらってください。"
    ),
    "another_copy": _(
        "この意見票は、この回の結果の写しから作られたものではありません（整理番号 %(reference)s）。"
        "新しい意見票を書き出して、意見を写してください。"
    ),
    "too_much_text": _(
        "意見の文字が多すぎて、一度に確かめられません。意見票を2つに分けて取り込んでください。"
    ),
    "stale": _("確認の画面が古くなりました。ファイルをもう一度選んでください。"),
}

PROBLEMS = {
    "date": _(
        "日付（%(shown)s）になっています。Excelが「3-5」のような入力を日付に変えたものです。"
        "欄の書式を「文字列」に直し、入力し直してください。"
    ),
    "error": _("数式のエラー（%(shown)s）です。意見を文字で入力してください。"),
    "truth": _("「%(shown)s」（真偽値）になっています。文字で入力してください。"),
    "formula": _(
        "数式になっています。意見は文字で入力してください。"
        "「=」で始まる文は、先頭に「'」を付けると文字になります。"
    ),
    "no_slot": _("欄番号のない行に意見があります。様式の欄に写してください。"),
    "unknown_slot": _(
        "「%(slot)s」は、この意見票の欄番号ではありません。欄番号を元に戻すか、様式の欄に写してください。"
    ),
    "slot_twice": _(
        "欄番号%(slot)sの行が2つあります（%(other)sにもあります）。意見を別の空いた欄に写してください。"
    ),
    "kind": _(
        "「%(typed)s」は種別として読めません。評価、課題、提案、質問のどれかを選んでください。"
    ),
    "no_kind": _("種別が空です。評価、課題、提案、質問のどれかを選んでください。"),
    "no_about": _("どの事業への意見かが空です。「事業・柱」の欄で選んでください。"),
    "unknown_about": _(
        "「%(about)s」という事業・柱は、この回にありません。一覧から選んでください。"
    ),
    "many_about": _(
        "「%(about)s」に当たる事業が2つ以上あります。番号と名前を、一覧のとおりに入れてください。"
    ),
    "unknown_comment": _(
        "欄番号%(slot)sの意見は、この委員のこの回の意見ではありません。空いた欄に写してください。"
    ),
    "grade": _(
        "「%(typed)s」は、この回の評価の段階ではありません。%(grades)sのどれかにしてください。"
    ),
    "too_long": _("意見が%(length)s文字あります。%(most)s文字までにするか、2つに分けてください。"),
    "null": _("使えない文字が入っています。その文字を消してください。"),
}


def file_sentence(error: UnreadableFile) -> str:
    values = dict(error.values)
    if "column" in values:
        values["column"] = HEADINGS[values["column"]]
    if error.key == "too_large":
        values["most"] = LARGEST_FILE // 1024 // 1024
    if "reference" in values:
        values["copy"] = values["reference"].copy
    sentence = str(FILE_SENTENCES[error.key])
    return sentence % values if values else sentence


def problem_sentence(key: str, /, **values: object) -> str:
    said = str(PROBLEMS[key])
    return said % values if values else said
