"""Tests of the configuration, carried out: on a database of their own, with the operations that serve people."""
