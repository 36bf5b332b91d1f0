"""Questions to answers: the cascade of a coarse filter and a fine ranking."""
