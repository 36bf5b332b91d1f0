"""The recipe. What needs torch is skipped where it is not installed."""
