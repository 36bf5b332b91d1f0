"""What files say, as evidence beside what photos show."""
