"""Checked trees as Python: compiled, evaluated on records, and told part by part."""
