"""POSIX; less exact than ``crispd.platform.linux``, with the same functions."""
