"""What is learnt over towers that stand still."""
