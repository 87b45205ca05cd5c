"""The contract of a model and the judgement of its outputs: twins of the device's code (docs/formats.md, 2 and 3)."""
