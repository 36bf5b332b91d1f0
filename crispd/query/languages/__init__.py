"""What only some languages have: words that exclude, slips, Czech cases, French elision."""
