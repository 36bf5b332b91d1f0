"""Real processes of crispd, started quickly (see ``client``)."""
