"""Where the published samples and schemas lie, for the tests that can use them."""

from __future__ import annotations

from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared"

SHARED: Path | None = _BESIDE if _BESIDE.is_dir() else None
"""The folder of published samples, schemas and facts beside the project, or ``None``."""

needs_shared = pytest.mark.skipif(SHARED is None, reason="the published samples and schemas are not beside the project")
