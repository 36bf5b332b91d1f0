"""The text tower for other languages."""
