"""The fine model, and its training on the mistakes of the coarse stage."""
