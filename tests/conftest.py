"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# How long an example takes says how busy the machine is, and nothing about crispd.
settings.register_profile("crispd", deadline=None)
settings.load_profile("crispd")
