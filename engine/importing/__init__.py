"""Importing: files of rows become records, each through the record service, with every complaint by its line."""
