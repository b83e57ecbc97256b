"""Documents made into the metamodel, with every complaint about names and targets across files."""
