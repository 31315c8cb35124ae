"""Ids of demonstration rows, made from their keys: the same on every machine, so loading twice finds them again."""

from uuid import UUID, uuid5

_NAMESPACE = UUID("6f1b7f0a-7b0e-5a63-9f0f-1c2f6a6d2026")


def demonstration_id(kind: str, key: str) -> UUID:
    return uuid5(_NAMESPACE, f"{kind}:{key}")
