"""A second network for photos, and the smaller pack."""
