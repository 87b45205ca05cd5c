"""Mutants made by a machine: the rooms that decide are broken in one place at a time, and tests must notice."""
