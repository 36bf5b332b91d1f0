"""Photos that are nearly the same: copies, versions, bursts."""
