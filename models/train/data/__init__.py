"""What goes in: photos, texts, and which describe which."""
