"""The files of an application as documents: read, laid over each other, checked in shape."""
