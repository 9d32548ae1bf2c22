"""Runs: what is stored, what runs now, and the one door to both."""
