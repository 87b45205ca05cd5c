"""What a model gets right, with intervals, and how fast it is."""
