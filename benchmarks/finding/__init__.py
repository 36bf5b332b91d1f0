"""What is found: names, places, words, text, copies."""
