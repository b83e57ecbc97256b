"""The outbox: jobs written with the change that causes them, and carried out once that is committed."""
