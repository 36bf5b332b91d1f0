"""Photos that are lent to workers, other machines that encode along, and what comes back."""
