"""What every page stands on: the frame, sessions, security, errors, templates and the design system."""
