"""Pages of the plan and its results: nouns first, then a verb."""

from django.urls import path

from . import (
    cell_views,
    document_pages,
    entry_views,
    evidence_views,
    history_views,
    listing_views,
    narrative_views,
    owing_views,
    proposal_views,
    reminder_views,
    sheet_views,
    views,
    workbook_views,
    workflow_views,
)

app_name = "kpis"
urlpatterns = [
    path("", views.home, name="home"),
    path("wards/<str:code>/<int:year>/", views.dashboard, name="dashboard"),
    path("wards/<str:code>/<int:year>/policy/", views.policy, name="policy"),
    path("wards/<str:code>/<int:year>/targets/", listing_views.targets, name="targets"),
    path(
        "wards/<str:code>/<int:year>/targets.xlsx", listing_views.targets_xlsx, name="targets_xlsx"
    ),
    path("wards/<str:code>/<int:year>/targets.csv", listing_views.targets_csv, name="targets_csv"),
    path(
        "wards/<str:code>/<int:year>/summary.xlsx", listing_views.summary_xlsx, name="summary_xlsx"
    ),
    path("wards/<str:code>/<int:year>/summary.csv", listing_views.summary_csv, name="summary_csv"),
    path("wards/<str:code>/<int:year>/history/", history_views.history, name="history"),
    path("wards/<str:code>/<int:year>/history.csv", history_views.history_csv, name="history_csv"),
    path("wards/<str:code>/<int:year>/projects/<str:key>/", views.project, name="project"),
    path("wards/<str:code>/<int:year>/changes/", proposal_views.changes, name="changes"),
    path("wards/<str:code>/<int:year>/changes/<int:number>/", proposal_views.change, name="change"),
    path(
        "wards/<str:code>/<int:year>/targets/<str:key>/change/",
        proposal_views.target_change,
        name="target_change",
    ),
    path(
        "wards/<str:code>/<int:year>/projects/<str:key>/change/",
        proposal_views.project_change,
        name="project_change",
    ),
    path(
        "wards/<str:code>/<int:year>/projects/<str:key>/<str:period>/",
        narrative_views.narrative,
        name="narrative",
    ),
    path("wards/<str:code>/<int:year>/entry/", owing_views.entry_list, name="entry_list"),
    path("wards/<str:code>/<int:year>/entry/<str:period>/nudge/", owing_views.nudge, name="nudge"),
    path(
        "wards/<str:code>/<int:year>/entry/<str:period>/due/",
        owing_views.period_due,
        name="period_due",
    ),
    path("wards/<str:code>/<int:year>/reminders/", reminder_views.reminder_plan, name="reminders"),
    path(
        "wards/<str:code>/<int:year>/reminders/<str:kind>/",
        reminder_views.reminder_text,
        name="reminder_text",
    ),
    path(
        "wards/<str:code>/<int:year>/sheet/<int:section>/<str:period>/",
        sheet_views.sheet,
        name="sheet",
    ),
    path(
        "wards/<str:code>/<int:year>/entry/<str:period>/state/",
        workflow_views.period_move,
        name="period_move",
    ),
    path(
        "wards/<str:code>/<int:year>/targets/<str:key>/<str:period>/",
        entry_views.entry,
        name="entry",
    ),
    path(
        "wards/<str:code>/<int:year>/targets/<str:key>/<str:period>/cell/",
        cell_views.cell,
        name="cell",
    ),
    path(
        "wards/<str:code>/<int:year>/evidence/<str:stored>/",
        evidence_views.evidence_file,
        name="evidence",
    ),
    path(
        "wards/<str:code>/<int:year>/sheet/<int:section>/<str:period>/sheet.xlsx",
        workbook_views.sheet_xlsx,
        name="sheet_xlsx",
    ),
    path(
        "wards/<str:code>/<int:year>/sheet/<int:section>/<str:period>/upload/",
        workbook_views.sheet_upload,
        name="sheet_upload",
    ),
    path("policy-document.schema.json", document_pages.policy_schema, name="policy_schema"),
]
