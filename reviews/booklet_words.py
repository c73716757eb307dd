"""What is printed in the booklet besides figures and what people wrote: headings and labels.

The page to print and the PDF take them from here, so that both say the same.
"""

from django.utils.translation import gettext


def booklet_words() -> dict[str, str]:
    """In the reader's language."""
    return {
        "booklet": gettext("評価資料"),
        "demo": gettext("デモデータ"),
        "demo_note": gettext(
            "事業名と目標は公表資料のものです。実績、説明、意見は、使い方を示すために作った架空のものです。"
        ),
        "copy_of": gettext("写しの日時"),
        "goal": gettext("基本目標"),
        "note": gettext("委員のみなさまへ"),
        "contents": gettext("目次"),
        "reading": gettext("この資料の読み方"),
        "chart": gettext("図の見方"),
        "chart_alt": gettext(
            "図の読み方：横の帯が実績、縦の太線が目標、三角の印が計画の位置（いま届いているはずの位置）"
        ),
        "chart_actual": gettext("実績"),
        "chart_pace": gettext("計画の位置"),
        "chart_goal": gettext("目標"),
        "chart_over": gettext("超過分"),
        "chart_text": gettext(
            "実績の帯が▼の印まで届いていれば、計画どおりです。目標の線は、どの行も同じ位置にそろえています。"
        ),
        "chart_kinds": gettext(
            "輪郭だけの帯は見込の数、斜線は中止・延期、点線の箱は未入力です。"
            "灰色の部分は前の期までの分、点線は当初の目標です。"
        ),
        "steps_text": gettext(
            "数値のない目標は、準備中・実施中・完了の三つの区切りを、進んだところまで塗ります。"
        ),
        "steps_alt": gettext("図の読み方：三つの区切りが、準備中、実施中、完了"),
        "preparing": gettext("準備中"),
        "under_way": gettext("実施中"),
        "done": gettext("完了"),
        "marks": gettext("印と言葉"),
        "mark": gettext("状況の印"),
        "meaning": gettext("意味"),
        "words": gettext("ことばの意味"),
        "counted": gettext("どの数を数えているか"),
        "replaced": gettext("この資料の書体にない文字は「〓」で印刷しました："),
        "summary": gettext("まとめ"),
        "by_pillar": gettext("柱ごとの状況"),
        "by_pillar_note": gettext("数字は目標の数です。"),
        "pillar": gettext("柱"),
        "projects": gettext("事業"),
        "targets": gettext("目標"),
        "entered": gettext("実績あり"),
        "mean": gettext("平均達成率"),
        "mean_of": gettext("平均の対象"),
        "excluded": gettext(
            "達成の割合では、中止・延期・未入力・これからを母数から除きます。"
            "平均は、数のある目標だけの平均です。"
        ),
        "behind": gettext("遅れている目標"),
        "behind_note": gettext("遅れの大きい順です。"),
        "behind_none": gettext("遅れている目標はありません。"),
        "status": gettext("状況"),
        "project_and_target": gettext("事業と目標"),
        "figure": gettext("実績 / 目標"),
        "gap": gettext("計画との差"),
        "because": gettext("原因"),
        "period": gettext("期"),
        "reported": gettext("期の実績"),
        "to_date": gettext("ここまで / 目標"),
        "rate": gettext("達成率"),
        "initiative": gettext("取組"),
        "results": gettext("目標と実績"),
        "no_targets": gettext("この取組に数えられる目標はありません。"),
        "formula": gettext("計算"),
        "revised": gettext("目標変更"),
        "originally": gettext("当初"),
        "reason": gettext("理由"),
        "decided": gettext("決定"),
        "account": gettext("担当課の説明"),
        "no_account": gettext("この期の説明は、確認済のものがありません。"),
        "corrections": gettext("写しのあとの訂正"),
        "corrected": gettext("訂正"),
        "corrections_note": gettext("上の数と図は、写しのときのままです。"),
        "before": gettext("前回の意見と区の考え方"),
        "result": gettext("対処結果"),
        "room": gettext("書き込み欄"),
        "room_whole": gettext("全体について（書き込み欄）"),
        "comments": gettext("意見一覧と区の考え方"),
        "comments_note": gettext(
            "委員は区分だけを示します。回答は、公開されたものだけを載せます。"
        ),
        "number": gettext("No."),
        "comment": gettext("意見"),
        "answer": gettext("区の考え方"),
        "opinion": gettext("委員会からの意見"),
        "responsible": gettext("所管課"),
    }
