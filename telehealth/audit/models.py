"""Who did what to whose data, from where. Append-only, hash-chained."""

from typing import Any

from django.db import models


class AuditEntry(models.Model):
    """One act. The database refuses to change or delete it (migration 0002).

    `chain` is the facility the act was done at (or "-"); within a chain `number` has no gaps and `hash` covers the entry
    and the hash before it. `detail` never holds clinical content or identity.
    """

    chain = models.CharField(max_length=36)
    number = models.BigIntegerField()
    at = models.DateTimeField()
    action = models.CharField(max_length=60)
    user_id = models.UUIDField(null=True)
    membership_id = models.UUIDField(null=True)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40)
    patient_id = models.UUIDField(null=True)
    address = models.CharField(max_length=45)
    detail: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["chain", "number"], name="audit_number_once"),)
        indexes = (
            models.Index(fields=["object_type", "object_id"]),
            models.Index(fields=["patient_id", "at"]),
            models.Index(fields=["user_id", "at"]),
            models.Index(fields=["at"]),
        )

    def __str__(self) -> str:
        return f"{self.chain} {self.number} {self.action}"
