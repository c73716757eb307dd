"""Uploads that are too large never reach the disk."""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class Capped(FileUploadHandler):
    """Swallows what goes beyond the largest file that Ayumi takes, and keeps its name and size.

    The first of FILE_UPLOAD_HANDLERS. A view finds such a file among the others: with the size that
    it has (so that it is refused by that), and without its content.
    """

    def __init__(self, request=None) -> None:
        super().__init__(request)
        self.received = 0  # of all files of the request
        self.here = 0

    def new_file(self, *args: Any, **options: Any) -> None:
        super().new_file(*args, **options)
        self.here = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.here += len(raw_data)
        self.received += len(raw_data)
        return None if self._too_much() else raw_data

    def file_complete(self, file_size: int):
        if not self._too_much():
            return None
        return InMemoryUploadedFile(
            BytesIO(), self.field_name, self.file_name, self.content_type, self.here, self.charset
        )

    def _too_much(self) -> bool:
        return self.here > settings.LARGEST_UPLOAD or self.received > settings.EVIDENCE_OF_AN_ENTRY
