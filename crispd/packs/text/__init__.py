"""Texts as a pack's models read them: tokens, towers for languages, weights of a query."""
