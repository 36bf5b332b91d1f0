"""What a box proposes: words that find something here, and what the words in it may become."""
