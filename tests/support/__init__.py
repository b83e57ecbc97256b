"""What the tests stand on: databases, a browser, and the rules of this house as data."""
