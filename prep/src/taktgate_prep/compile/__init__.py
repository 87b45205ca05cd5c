"""The compiled network of the INT8 engine (docs/int8.md): `network` is the file, `reference` what it computes."""
