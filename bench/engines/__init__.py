"""The INT8 engine beside the runtimes that a user could pick: the same networks, one process each, in turns."""
