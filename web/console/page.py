"""What a page of the console gives back."""

from __future__ import annotations

from werkzeug.wrappers import Response

Page = str | Response | tuple[str, int]
