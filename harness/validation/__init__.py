"""Is this message right, and if not, where and why? Schemas, rules, and what a file holds."""
