"""Constants of a pack: how its scores become probabilities, and how photos are compared."""
