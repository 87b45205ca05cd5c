"""Thresholds chosen on validation scores: by the misses that are wanted, or by what mistakes cost."""
