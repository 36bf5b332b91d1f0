"""Stages that work on beside the searches once photos are indexed."""
