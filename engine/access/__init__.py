"""Who may do what, to which records, with which members: asked by every operation, answered in one place."""
