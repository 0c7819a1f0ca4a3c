"""Measurements: programs to run by hand, no tests. ``python -m tests.bench.spine``, ``python -m tests.bench.slow``."""
