"""What was read a few seconds ago: in a rush a thousand people ask for the same twenty doctors' same day, under the same rules."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Generic, TypeVar

from django.db.models import Model
from django.db.models.signals import post_delete, post_save

T = TypeVar("T")

REMEMBERED = timedelta(seconds=5)
AT_MOST = 2000


class Recent(Generic[T]):
    """Values of the last seconds. Emptied when a row they follow from is saved or deleted in this process.

    What another process changes is seen after `REMEMBERED`; so only what may be that old is kept here, never what is taken.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, tuple[datetime, T]] = OrderedDict()

    def get(self, key: Hashable, now: datetime, read: Callable[[], T]) -> T:
        """Return what is remembered, or read it."""
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and abs(now - kept[0]) < REMEMBERED:
            return kept[1]
        value = read()
        with self._lock:
            self._kept[key] = (now, value)
            self._kept.move_to_end(key)
            while len(self._kept) > AT_MOST:
                self._kept.popitem(last=False)
        return value

    def forget(self, **_signal: Any) -> None:
        """Read everything anew from now on."""
        with self._lock:
            self._kept.clear()

    def follow(self, *models: type[Model]) -> None:
        """Forget whenever a row of these is saved or deleted."""
        for model in models:
            post_save.connect(self.forget, sender=model, weak=False)
            post_delete.connect(self.forget, sender=model, weak=False)
