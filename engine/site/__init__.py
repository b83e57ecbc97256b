"""The web application around the generated pages: its routes, its start page, accounts and settings."""
