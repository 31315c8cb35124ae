"""For operators and load balancers: does the process live, and can it serve. No secrets, no details."""

from asgiref.sync import sync_to_async
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse

from telehealth.core import readiness


async def healthz(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers."""
    return JsonResponse({"ok": True})


async def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, redis and a media node can be reached and the process is not draining, else 503."""
    verdicts = await readiness.run_all()
    ok = all(verdicts.values())
    return JsonResponse({"ok": ok, **verdicts}, status=200 if ok else 503)


def _ask_database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone())
    finally:
        connection.close()


def _ask_redis() -> bool:
    cache.get("readyz")
    return True


readiness.add("database", sync_to_async(_ask_database, thread_sensitive=False))
readiness.add("redis", sync_to_async(_ask_redis, thread_sensitive=False))
