"""Indexing the ways of others with crispd's model, beside crispd."""
