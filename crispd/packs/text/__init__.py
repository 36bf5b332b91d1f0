"""Text encoders of a pack: tokens, language towers, and weights for a query."""
