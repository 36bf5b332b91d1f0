"""File events below a root: inotify on Linux, watchdog's observers elsewhere."""
