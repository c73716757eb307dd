"""Pages of the evaluation committee; each subject names its own."""

from . import (
    answer_urls,
    behalf_urls,
    booklet_urls,
    committee_urls,
    notice_urls,
    opinion_urls,
    reading_urls,
)

app_name = "reviews"
urlpatterns = [
    *committee_urls.urlpatterns,
    *reading_urls.urlpatterns,
    *behalf_urls.urlpatterns,
    *answer_urls.urlpatterns,
    *opinion_urls.urlpatterns,
    *booklet_urls.urlpatterns,
    *notice_urls.urlpatterns,
]
