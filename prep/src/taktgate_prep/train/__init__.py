"""`taktgate-prep train`: labelled images in, a float ONNX model with its contract out.

torch is imported when the command runs, not before, so that every other command works without it (README.md).
"""

from taktgate_prep.train.arguments import add_parser
from taktgate_prep.train.options import TrainOptions

__all__ = ["TrainOptions", "add_parser"]
