"""Conversations for the monitors: what usually happens, disorder, and what is allowed."""
