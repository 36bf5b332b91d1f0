"""Dates and periods of time, in words and in digits. Pure: the clock is an argument."""
