"""Files on their way in: held in memory up to a limit, and beyond it counted only. Nothing is written to the disk."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from portfolio.typed.files import LARGEST_BYTES


class BoundedUpload(FileUploadHandler):
    """All files of one request together may fill the limit; the form then says how large the one too many was."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.held_bytes = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.size_bytes = 0
        self.content = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.size_bytes += len(raw_data)
        if self.held_bytes + len(raw_data) <= LARGEST_BYTES:
            self.content.write(raw_data)
            self.held_bytes += len(raw_data)
        return None

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        is_whole = self.content.tell() == self.size_bytes
        content = self.content if is_whole else io.BytesIO()
        content.seek(0)
        size_bytes = self.size_bytes if is_whole else max(self.size_bytes, LARGEST_BYTES + 1)  # never taken for whole
        name, kind = self.file_name or "", self.content_type or ""
        return InMemoryUploadedFile(
            content, self.field_name, name, kind, size_bytes, self.charset, self.content_type_extra
        )
