"""What the YAML says, as frozen dataclasses: no database, no web; everything knows where it came from."""
