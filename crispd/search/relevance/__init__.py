"""Probabilities of relevance, and the background that calibrates them. Pure but for a sample."""
