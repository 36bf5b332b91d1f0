"""``python -m crispd``."""

from crispd.cli import main

main()
