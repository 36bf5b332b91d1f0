"""A detector behind the towers, and which objects a text asks for."""
