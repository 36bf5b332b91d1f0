"""How good and how fast a pack ranks a set of captioned photos: ``crispd eval``."""
