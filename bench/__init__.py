"""Measurements against hand-written code, as ratios taken in one run."""
