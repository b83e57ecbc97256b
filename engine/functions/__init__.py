"""The functions of expressions, each once: what it takes and gives, its Python, and its SQL."""
