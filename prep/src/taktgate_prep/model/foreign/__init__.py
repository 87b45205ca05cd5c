"""Models as other tools leave them, brought into the one form that is used here (docs/models.md).

Every function changes the graph that it is given and says in words what it did; what cannot be brought in is refused
with a line that says what this model is.
"""
