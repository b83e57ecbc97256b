"""What can be proven of processes before any record goes through them: ways, ends, overlaps, rights, circles."""
