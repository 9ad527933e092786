"""JSON as it leaves: every answer is plain ASCII, whatever a file is called."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import JSONResponse


class Answer(JSONResponse):
    """JSON that escapes what is not ASCII: names of files may hold bytes that no encoding knows."""

    def render(self, content: Any) -> bytes:
        """The bytes."""
        return as_json(content).encode()


def as_json(content: Any) -> str:
    """A value as JSON on one line, as it is sent."""
    return json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
