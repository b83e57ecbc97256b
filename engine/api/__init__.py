"""The HTTP API: JSON in, the record service, JSON out. The second face of every record."""
