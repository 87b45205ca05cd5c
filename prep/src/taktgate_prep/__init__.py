"""taktgate-prep: from labelled images to a release. Runs where the model is made, never on the unit."""

__version__ = "0.1.0"
