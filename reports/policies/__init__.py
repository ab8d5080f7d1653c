"""The formulas of domain.md over folded logs: pure, without a write."""
