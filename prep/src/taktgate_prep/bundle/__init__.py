"""The bundle of a release, and whether its parts fit together."""
