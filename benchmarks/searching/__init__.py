"""How fast searches are answered, and what a service takes."""
