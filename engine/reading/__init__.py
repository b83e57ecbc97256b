"""Records on their way out: paths, conditions and order made into statements, rows made into records."""
