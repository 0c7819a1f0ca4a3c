"""Compares the verdicts of our schemas with those of the official ones, on published samples and on their mutants."""
