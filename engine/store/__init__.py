"""The database and what lives beside it: connections, the engine's own tables, migration, audit, files, identity."""
