"""Pages that hand out what belongs to the policy document."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from .documents import SCHEMA_FILE


@login_not_required
@require_safe
def policy_schema(request):
    """The published JSON Schema of the policy document; it says nothing about any ward."""
    return HttpResponse(SCHEMA_FILE.read_bytes(), content_type="application/schema+json")
