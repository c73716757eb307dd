"""Opinion sheets out and in, and comments entered on a member's behalf."""

from django.urls import path

from . import behalf_views, sheet_views

BEHALF = "wards/<str:code>/<int:year>/review/<str:period>/behalf/"
MEMBER = f"{BEHALF}<int:member>/"

urlpatterns = [
    path(BEHALF, behalf_views.behalf_page, name="behalf"),
    path(f"{BEHALF}print/", sheet_views.sheets_print, name="sheets_print"),
    path(f"{BEHALF}sheets.zip", sheet_views.sheets_zip, name="sheets_zip"),
    path(MEMBER, behalf_views.behalf_member, name="behalf_member"),
    path(f"{MEMBER}sheet.xlsx", sheet_views.sheet_xlsx, name="sheet_xlsx"),
    path(f"{MEMBER}sheet.html", sheet_views.sheet_html, name="sheet_html"),
    path(f"{MEMBER}print/", sheet_views.sheet_print, name="sheet_print"),
    path(f"{MEMBER}upload/", sheet_views.sheet_upload, name="sheet_upload"),
]
