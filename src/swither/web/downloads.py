"""GET /api/export: the labels as a file."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
