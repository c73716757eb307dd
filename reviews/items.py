"""意見一覧: the list that the secretariat makes of the members' comments, numbered as published."""

from __future__ import annotations

from django.db.models import Max

from .models import Comment, Item, ItemSource, Round


def list_comments(round: Round) -> int:
    """Put every sent comment that is on no line yet on a line of its own; returns how many.

    Called when the round closes, in its transaction. In the order of the policy: the projects, the
    pillars, the whole; within one by the time they were first entered.
    """
    listed = ItemSource.objects.filter(item__round=round).values("comment")
    waiting = Comment.objects.filter(round=round).sent().exclude(pk__in=listed)
    place = places(round)
    comments = sorted(
        waiting, key=lambda each: (place.get((each.subject, each.key), len(place)), each.pk)
    )
    last = Item.objects.filter(round=round).aggregate(last=Max("number"))["last"] or 0
    for number, comment in enumerate(comments, start=last + 1):
        item = Item.objects.create(
            round=round,
            number=number,
            subject=comment.subject,
            key=comment.key,
            kind=comment.kind,
            text=comment.text,
        )
        ItemSource.objects.create(item=item, comment=comment, comment_version=comment.version)
    return len(comments)


def places(round: Round) -> dict[tuple[str, str], int]:
    """Where a subject stands in the list, by what it is and its key."""
    policy = round.policy
    projects = policy.projects.order_by("pillar__order", "pillar_id", "order", "id")
    pillars = policy.pillars.order_by("order", "id")
    order = [
        *(("project", key) for key in projects.values_list("key", flat=True)),
        *(("pillar", key) for key in pillars.values_list("key", flat=True)),
        ("whole", ""),
    ]
    return {each: number for number, each in enumerate(order)}
