"""A record on its way to be written: read from what was sent, completed, computed, judged."""
