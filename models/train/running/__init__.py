"""What makes a run one command that can be stopped at any time."""
