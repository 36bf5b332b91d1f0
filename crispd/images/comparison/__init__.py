"""Comparison of two pictures, pixel by pixel. Pure functions."""
