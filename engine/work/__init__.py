"""A unit of work: who acts, when, in which transaction, on which runtime, with the records it has read."""
