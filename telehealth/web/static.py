"""Serving scripts, styles and pictures from our own process."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise, at ease with a checkout: nothing collected yet, and a build that replaces files while we run."""

    def add_files(self, root: Any, prefix: str | None = None) -> None:
        # Where the finders serve, a collected folder may be missing; in production its absence is worth the warning.
        if not self.use_finders or root.is_dir():
            super().add_files(root, prefix)

    def serve(self, static_file: StaticFile, request: HttpRequest) -> HttpResponseBase:
        """Answer with the file; a file that is gone since the start is not found, like any other."""
        try:
            response: HttpResponseBase = WhiteNoiseMiddleware.serve(static_file, request)
        except FileNotFoundError:
            response = self.get_response(request)
        return response
