"""The compiled network of the INT8 engine (docs/int8.md): a QDQ model in, `network.tgn` out.

`network` is the file, `reference` what it computes, `compiler` makes one of a model: it goes through the graph node by
node and keeps for every tensor what it is (`values`), `fuse` puts tables into the operations before them.
"""
