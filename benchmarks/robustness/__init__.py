"""What a service bears: many requests, large originals, strangers."""
