"""Where things are: positions, the located YAML tree, suggestions, templates, scalars."""
