"""Whether the pixels of two pictures agree. Pure."""
