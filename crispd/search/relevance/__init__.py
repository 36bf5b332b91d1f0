"""How likely a photo shows what was asked for, and where an answer ends. Pure, but for a sample."""
