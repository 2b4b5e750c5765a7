"""Measuring: one line is one job of ours and what people would use instead, on the same rows."""
