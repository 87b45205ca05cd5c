"""Mutants made by a machine: the rooms that decide are broken in one place after the other, and tests must notice."""
