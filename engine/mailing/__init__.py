"""Mail: what is to be sent is written with the change that causes it, and sent once that is committed."""
