"""Checked trees as SQL, on SQLite and on PostgreSQL, with the answers they have in Python."""
