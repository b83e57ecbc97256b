"""Tests of the generated pages, through their routes."""
