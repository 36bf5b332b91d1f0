"""Tests on photo collections that are not part of the repository."""
