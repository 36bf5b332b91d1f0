"""``crispd doctor``."""
