"""Tests of harness.rules."""
