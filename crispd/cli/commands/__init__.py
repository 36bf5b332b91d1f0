"""The commands, by subject. Each reads its options, then imports and calls what does the work."""
