"""The wording of the committee's notices, in Japanese and English. Pure.

Names in braces are replaced as in reminders (kpis/reminder_texts.py): `{ward}`, `{committee}`,
`{round}` (令和2年度 上半期), `{due}`, `{count}`, `{link}`.
"""

from __future__ import annotations

from collections.abc import Mapping

from kpis.reminder_texts import Text

DEFAULTS: Mapping[tuple[str, str], Text] = {
    ("opened", "ja"): Text(
        "【{committee}】{round}の意見の受付を始めました（締切 {due}）",
        "{committee}の委員の皆さまへ\n\n"
        "{round}の事業の報告がまとまりました。お読みになり、ご意見をお寄せください。\n\n"
        "　締切　　　：{due}\n　読むページ：{link}\n\n"
        "気になる事業だけでもかまいません。書きかけのご意見は、自動で保存されます。\n"
        "紙や電子メールで出されるときは、事務局へお知らせください。",
    ),
    ("opened", "en"): Text(
        "{committee}: comments on {round} are welcome until {due}",
        "The report on {round} is ready. Please read it and tell us what you think.\n\n"
        "  Until:   {due}\n  To read: {link}\n\n"
        "A few projects are enough. What you type is saved as you type.\n"
        "If you would rather send paper or e-mail, please tell the secretariat.",
    ),
    ("due_soon", "ja"): Text(
        "【{committee}】{round}の意見の締切が近づいています（{due}）",
        "{round}の事業への意見の締切が近づいています。\n\n"
        "　締切　　　：{due}\n　読むページ：{link}\n\n"
        "すでにお出しいただいたときは、行き違いです。ご容赦ください。",
    ),
    ("due_soon", "en"): Text(
        "{committee}: comments on {round} are due on {due}",
        "Comments on {round} are due soon.\n\n  Until:   {due}\n  To read: {link}\n\n"
        "If you have sent yours meanwhile, please disregard this letter.",
    ),
    ("asked", "ja"): Text(
        "【{ward} 評価委員会】意見{count}件への回答をお願いします（期限 {due}）",
        "{round}の評価委員会の意見のうち、{count}件について、区の考え方の回答をお願いします。\n\n"
        "　期限　　　：{due}\n　回答の画面：{link}\n\n"
        "区の考え方と対応区分を書いて、提出してください。",
    ),
    ("asked", "en"): Text(
        "{ward} evaluation committee: please answer {count} comments by {due}",
        "Of the committee's comments on {round}, {count} are yours to answer.\n\n"
        "  Due:       {due}\n  To answer: {link}\n\n"
        "Please write the ward's view and what will be done, and hand them in.",
    ),
    ("returned", "ja"): Text(
        "【{ward} 評価委員会】意見への回答が{count}件、差し戻されています",
        "{round}の評価委員会の意見への回答のうち、{count}件が差し戻されています。\n\n"
        "　回答の画面：{link}\n\n"
        "差戻しの理由は、回答の画面に表示されています。直して、もう一度提出してください。",
    ),
    ("returned", "en"): Text(
        "{ward} evaluation committee: {count} answers were returned",
        "Of the answers to the committee's comments on {round}, {count} were returned.\n\n"
        "  To answer: {link}\n\nThe page says why. Please put them right and hand them in again.",
    ),
    ("released", "ja"): Text(
        "【{committee}】{round}の意見への区の考え方を公開しました（{count}件）",
        "{round}の事業へのご意見のうち、{count}件について、区の考え方がまとまりました。\n\n"
        "　読むページ：{link}",
    ),
    ("released", "en"): Text(
        "{committee}: the ward answered {count} comments on {round}",
        "The ward's answers to {count} comments on {round} can be read.\n\n  To read: {link}",
    ),
    ("published", "ja"): Text(
        "【{committee}】{round}の委員会からの意見を公表しました",
        "{round}の委員会からの意見と、区の考え方を公表しました。\n\n　読むページ：{link}",
    ),
    ("published", "en"): Text(
        "{committee}: the opinion on {round} was published",
        "The committee's opinion on {round} and the ward's answers were published.\n\n"
        "  To read: {link}",
    ),
}
