"""What all tests share: nothing but a quieter garbage collector."""

from __future__ import annotations

import gc


def pytest_collection_finish() -> None:
    """What is imported by now stays to the end: each full collection would look through it again in vain."""
    gc.freeze()
