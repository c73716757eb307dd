"""Six members send in the moment in which the secretariat closes: in before it, or late."""

from threading import Barrier, Thread

from django.db import connection
from django.test import TransactionTestCase, skipUnlessDBFeature

from reviews.commenting import Closed, Place, Seen, Typed, send
from reviews.models import Comment, ItemSource
from tests.cast import person
from tests.reviews.cast import CommitteeCast


# SQLite has one writer at a time, and a test's database in memory no second connection.
@skipUnlessDBFeature("has_select_for_update")
class ClosingWhileSixSend(TransactionTestCase):
    def test_each_comment_is_on_the_list_or_late_and_none_is_neither(self):
        cast = CommitteeCast()
        cast.open()
        seats = [
            cast.seat(f"委員{n}", "area", user=person(f"member-{n}", "member", cast.isogo))
            for n in range(6)
        ]
        told: list[str] = []
        together = Barrier(len(seats) + 1)

        def close():
            together.wait()
            cast.close()
            told.append("closed")

        def say(seat):
            place = Place(cast.round, seat, "project", "p05")
            together.wait()
            try:
                send(place, Typed("praise", f"{seat}の意見"), Seen(client_key="a"), by=seat.user)
                told.append("sent")
            except Closed:
                told.append("late")

        def alone(act, *args):
            try:
                act(*args)
            finally:
                connection.close()

        threads = [Thread(target=alone, args=(say, seat)) for seat in seats]
        threads.insert(3, Thread(target=alone, args=(close,)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(len(told), 7, told)
        sent = set(Comment.objects.filter(state="sent").values_list("pk", flat=True))
        listed = set(ItemSource.objects.values_list("comment", flat=True))
        late = Comment.objects.exclude(late_text="").filter(text="", state="draft")
        self.assertEqual(sent, listed)
        self.assertEqual(len(sent), told.count("sent"))
        self.assertEqual(late.count(), told.count("late"))
