"""crispd: find the photos of your house by describing them."""

__version__ = "0.1.0"
