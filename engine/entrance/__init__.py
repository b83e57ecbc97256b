"""The pages of those who are not signed in yet: signing in, and what leads there."""
