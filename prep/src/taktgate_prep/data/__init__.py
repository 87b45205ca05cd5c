"""Samples, images and the windows cut from them: twins of the device's code (docs/formats.md, 1 and 2)."""
