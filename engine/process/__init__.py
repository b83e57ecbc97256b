"""Processes: firing transitions, doing what they declare, and what follows by itself on what happens to records."""
