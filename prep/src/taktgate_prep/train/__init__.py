"""`taktgate-prep train`: labelled images in, a float ONNX model with its contract out.

Only `torch_seam.py`, `network.py`, `loop.py`, `batches.py` and `export.py` touch torch, and they
are imported when
the command runs, so that every other command works without it.
"""

from taktgate_prep.train.options import TrainOptions, add_parser

__all__ = ["TrainOptions", "add_parser"]
