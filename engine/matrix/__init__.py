"""What everybody may do, as one text: written to be reviewed, locked, and compared over time."""
