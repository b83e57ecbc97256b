"""Mails that arrive: read, kept, and made into records as the rules of their mailbox say."""
