"""Both towers and all heads, and their training end to end."""
