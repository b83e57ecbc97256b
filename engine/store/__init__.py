"""The database and the files: transactions, the engine's own tables, migration, audit, counters, sessions."""
