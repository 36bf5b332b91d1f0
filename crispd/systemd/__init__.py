"""What crispd says to systemd and takes from it, and the unit that it writes."""
