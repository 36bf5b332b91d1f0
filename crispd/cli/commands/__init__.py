"""The commands, by subject. Each reads its options, imports what does the work, and calls it."""
