"""Handing out the files of evidence, to those who may read the entry that they stand beside."""

import hashlib
import logging

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from . import evidence_store
from .file_kinds import KINDS
from .listing_views import taken_away
from .models import EvidenceFile

logger = logging.getLogger(__name__)


@require_safe
def evidence_file(request, code: str, year: int, stored: str):
    """One file, to be saved: never shown inside a page of ours, whatever its content says."""
    file = get_object_or_404(
        EvidenceFile.objects.visible_to(request.user),
        target__policy__ward__code=code,
        target__policy__fiscal_year=year,
        stored=stored,
    )
    try:
        data = evidence_store.read(file.stored)
    except OSError as error:
        logger.error("Evidence %s of %s cannot be read: %s", stored, code, error.strerror)
        return _missing(request, file)
    if hashlib.sha256(data).hexdigest() != file.sha256:
        logger.error("Evidence %s of %s is not what was handed in.", stored, code)
        return _missing(request, file)
    kind = KINDS.get(file.kind)
    response = taken_away(
        request, data, kind.content_type if kind else "application/octet-stream", file.name
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _missing(request, file: EvidenceFile):
    """The entry still names the file, and the folder no longer holds what was handed in."""
    return render(request, "kpis/evidence_missing.html", {"file": file}, status=404)
