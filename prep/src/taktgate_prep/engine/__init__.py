"""The arithmetic that decides on the unit, for models and windows here.

`library` is the INT8 engine itself, `plain` its NumPy reference, which gives the same bytes, `deciding` says which
runtime a model's answers are from.
"""
