"""What differs between operating systems. Imports nothing of crispd.

Each module takes its functions from ``linux``, which works on Linux alone, or from ``portable``,
which needs POSIX only. The rooms above know neither. Listening to folders has a choice of its own
in ``crispd.watch.events``; what speaks to systemd is the room ``crispd.systemd``.
"""
