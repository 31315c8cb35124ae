"""Model bases, and the outbox: what must happen after a commit, written inside it."""

from typing import Any

from django.db import models

from telehealth.core.ids import uuid7


class Entity(models.Model):
    """A row with an identity of its own."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class Counter(models.Model):
    """A named counter; `next_number` takes from it under a row lock, so numbers have no gaps."""

    key = models.CharField(max_length=80, primary_key=True)
    value = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.key


class OutboxEntry(Entity):
    """An announcement that must reach its subscribers at least once. Deleted when delivered."""

    topic = models.CharField(max_length=60)
    payload: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    created_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.topic} {self.id}"
