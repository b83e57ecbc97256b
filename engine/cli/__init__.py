"""The command line: `engine`. Every command takes the application's folder, and says in words what it did."""

from engine.cli.main import main

__all__ = ["main"]
