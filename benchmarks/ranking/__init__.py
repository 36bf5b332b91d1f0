"""How good the order is, and what each part of it is worth."""
