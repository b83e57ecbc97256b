"""The application as a whole: its rules and what follows from what."""
