"""One file for each runtime: how a user who knows it loads a network and runs one image on one thread."""
