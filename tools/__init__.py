"""Scripts for working on the engine; none of them is part of the package."""
