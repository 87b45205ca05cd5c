"""An ONNX classifier: read, brought into one form, run as the device runs it."""
