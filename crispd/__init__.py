"""crispd finds photos by a description, on your own machine."""

__version__ = "0.1.0"
