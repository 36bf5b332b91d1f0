"""/proc, /sys, glibc; ``crispd.platform.portable`` has the same functions. Linux only."""
