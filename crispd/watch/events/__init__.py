"""What happens below a root, as it happens: of Linux through inotify, elsewhere as watchdog can."""
