"""How fast photos are indexed, and what that takes."""
