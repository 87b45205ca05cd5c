"""INT8 post-training quantisation: uint8 activations, int8 weights, one file for x86-64 and aarch64.

`float_graph` prepares the model, `observe` and `ranges` find what its tensors hold, `qdq` writes a plan of scales into
a graph of QuantizeLinear and DequantizeLinear, `search` tries plans and chooses, `finish` makes the file and proves it.
"""
