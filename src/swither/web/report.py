"""GET /report: the project on paper."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
