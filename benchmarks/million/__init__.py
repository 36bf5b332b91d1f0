"""A million photos on one hub."""
