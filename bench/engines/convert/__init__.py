"""The float network in the form that each runtime likes best, as its own tools make it."""
