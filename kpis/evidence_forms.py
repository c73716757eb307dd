"""What a section adds to the evidence of an entry, and takes away from it."""

import logging
from collections.abc import Sequence
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import evidence
from .entering import Place
from .evidence import Brought, Item
from .evidence_store import Store
from .file_kinds import Kind, WrongFile, kind_of

logger = logging.getLogger(__name__)

#: The one kind whose name is a word of a language (kpis/file_kinds.py).
TEXT = _("テキスト")

#: Why a file is not taken, and what to do; %(name)s is the file, %(kind)s what it seems to be.
WHY = {
    "empty": _("「%(name)s」は中身が空です。ファイルを開いて確かめ、選び直してください。"),
    "unknown": _(
        "「%(name)s」は添付できない種類のファイルです。PDF、画像（PNG・JPEG）、"
        "Excel・Word・PowerPoint（.xlsx・.docx・.pptx）、CSV、テキストのどれかで保存し直してください。"
    ),
    "broken": _(
        "「%(name)s」は%(kind)sのようですが、途中で切れているか壊れています。"
        "元のソフトで開き、保存し直してください。"
    ),
    "more_behind": _(
        "「%(name)s」には、%(kind)sの前か後ろに別のデータが付いています。"
        "元のソフトで開き、保存し直してください。"
    ),
    "macro": _(
        "「%(name)s」にはマクロが入っています。マクロのない形式（.xlsx・.docx・.pptx）で"
        "保存し直してください。"
    ),
    "locked": _("「%(name)s」は暗号化されています。パスワードを外して保存し直してください。"),
    "old_office": _(
        "「%(name)s」は古い形式か、パスワードの付いた文書です。パスワードを外し、"
        "新しい形式（.xlsx・.docx・.pptx）かPDFで保存し直してください。"
    ),
    "too_much_inside": _(
        "「%(name)s」は、開くと大きくなりすぎます。内容を分けるか、PDFで保存し直してください。"
    ),
    "markup": _(
        "「%(name)s」はウェブページかプログラムのようです。PDFかテキストで保存し直してください。"
    ),
    "named_otherwise": _(
        "「%(name)s」の中身は%(kind)sで、名前の末尾と合いません。"
        "元のソフトで開き、正しい形式で保存し直してください。"
    ),
    "too_large": _(
        "「%(name)s」は%(size)sあります。1つのファイルは%(most)sまでです。小さくするか、"
        "庁内の置き場所に置いてリンクを入力してください。"
    ),
}


class Looked(NamedTuple):
    """A file that may be taken."""

    name: str
    kind: Kind
    upload: UploadedFile


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.Field):
    """Any number of files, each looked at. Cleaned: those that may be taken; else why not."""

    def clean(self, value: Sequence[UploadedFile] | None) -> list[Looked]:
        found, problems = [], []
        uploads = value or []
        most = evidence.largest_entry()
        if sum(upload.size or 0 for upload in uploads) > most and len(uploads) > 1:
            message = _("一度に添付できるのは合わせて%(most)sまでです。分けて添付してください。")
            raise ValidationError(message % {"most": evidence.size_text(most)})
        for upload in uploads:
            name = evidence.plain_name(upload.name or "")
            try:
                found.append(_look_at(name, upload))
            except ValidationError as error:
                problems.append(error)
        if problems:
            raise ValidationError(problems)
        return found


def _look_at(name: str, upload: UploadedFile) -> Looked:
    size, most = upload.size or 0, evidence.largest_file()
    if size > most:
        raise ValidationError(
            WHY["too_large"]
            % {"name": name, "size": evidence.size_text(size), "most": evidence.size_text(most)}
        )
    try:
        return Looked(name, kind_of(name, upload.file), upload)  # type: ignore[arg-type]
    except WrongFile as wrong:
        said = {"name": name, "kind": gettext(wrong.kind) if wrong.kind else ""}
        raise ValidationError(WHY[wrong.why] % said) from wrong


class EvidenceForm(forms.Form):
    """A link, files, and what to take away. It stands inside the form of an entry or by itself."""

    link_title = forms.CharField(
        label=_("リンクの題名"),
        required=False,
        max_length=evidence.LONGEST_TITLE,
        widget=forms.TextInput({"class": "input", "autocomplete": "off"}),
    )
    link_url = forms.CharField(
        label=_("リンクのアドレス（https://…）"),
        required=False,
        widget=forms.TextInput(
            {"class": "input", "autocomplete": "off", "inputmode": "url", "spellcheck": "false"}
        ),
    )
    evidence_files = FilesField(
        label=_("ファイル"),
        required=False,
        widget=SeveralFiles({"class": "input"}),
    )

    def __init__(self, data=None, files=None) -> None:
        super().__init__(data, files)
        most = evidence.size_text(evidence.largest_file())
        self.fields["evidence_files"].help_text = gettext(
            "PDF、画像（PNG・JPEG）、Excel・Word・PowerPoint（マクロのないもの）、CSV、テキスト。"
            "1つ%(most)sまで。いくつか選べます。"
        ) % {"most": most}
        self.removed = set(data.getlist("evidence_off")) if hasattr(data, "getlist") else set()
        self.standing: list[Item] = []
        self.brought: list[Brought] = []
        self.recorded: list[str] = []

    def stand_on(self, standing: Sequence[Item]) -> None:
        """What stands beside the entry as it was read last."""
        self.standing = list(standing)

    def write(self, store: Store) -> None:
        """Put the files into the folder, if all that was brought can be taken."""
        if not self.is_valid():
            return
        try:
            self.brought = [
                Brought(name, kind, store.write(upload.file))  # type: ignore[arg-type]
                for name, kind, upload in self.cleaned_data["evidence_files"]
            ]
        except OSError as error:
            logger.error("Evidence cannot be written: %s", error)
            message = _(
                "サーバーにファイルを保存できませんでした。ファイルを付けずに保存し、"
                "区政推進課へご連絡ください。"
            )
            self.add_error("evidence_files", message)

    @property
    def after(self) -> list[Item]:
        """What would stand once this is saved."""
        if not self.is_bound or not self.is_valid():
            return self.standing
        return evidence.after(
            self.standing,
            removed=self.removed,
            link=self.cleaned_data.get("link"),
            files=self.brought,
        )

    def check_room(self) -> None:
        """Refuse what would be more than an entry holds."""
        items = self.after
        if items == self.standing:
            return
        most = evidence.largest_entry()
        if len(items) > evidence.MOST:
            message = _("根拠資料は%(most)s件までです。まとめるか、要らないものを外してください。")
            self.add_error("evidence_files", message % {"most": evidence.MOST})
        elif evidence.size_of(items) > max(most, evidence.size_of(self.standing)):
            message = _(
                "この実績のファイルは合わせて%(most)sまでです。小さくするか、"
                "要らないものを外してください。"
            )
            self.add_error("evidence_files", message % {"most": evidence.size_text(most)})

    def record(self, place: Place, *, by) -> None:
        """Record the files that come and go, before the entry itself is saved."""
        if self.after != self.standing:
            self.recorded = evidence.keep_files(
                place.target, place.period, self.standing, self.after, by=by, at=timezone.now()
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        title = evidence.visible(cleaned.get("link_title") or "")
        url = (cleaned.get("link_url") or "").strip()
        if url and not evidence.is_address(url):
            self.add_error("link_url", _why_no_address(url))
        elif title and not url and "link_title" not in self.errors:
            self.add_error("link_url", _("リンクのアドレスを入力してください。"))
        elif url:
            cleaned["link"] = {"title": title, "url": url} if title else {"url": url}
        return cleaned

    @property
    def chosen_names(self) -> list[str]:
        """Names of the files that were chosen: a page that is shown again cannot keep them."""
        uploads = self.files.getlist("evidence_files") if hasattr(self.files, "getlist") else []
        return [evidence.plain_name(upload.name or "") for upload in uploads]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What was typed and chosen, as it stood on the screen."""
        typed = [
            (str(self.fields[name].label), str(self[name].value() or "").strip())
            for name in ("link_title", "link_url")
        ]
        chosen = [(str(self.fields["evidence_files"].label), name) for name in self.chosen_names]
        return [(label, text) for label, text in [*typed, *chosen] if text]

    @property
    def problems(self):
        return [(self[name], errors) for name, errors in self.errors.items()]


def _why_no_address(url: str) -> str:
    lowered = url.lower()
    if url.startswith("\\\\") or lowered.startswith(("file:", "//")) or lowered[1:3] == ":\\":
        return gettext(
            "共有フォルダーの場所は、開けない人がいるのでリンクにできません。"
            "ファイルを添付するか、https:// で始まるアドレスを入力してください。"
        )
    return gettext(
        "「%(typed)s」はアドレスとして読めません。"
        "https://www.city.example.jp/ のように入力してください。"
    ) % {"typed": url if len(url) <= 60 else f"{url[:60]}…"}
