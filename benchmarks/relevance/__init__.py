"""Where an answer ends."""
