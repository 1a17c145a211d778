"""A network whose weights lie in another file: external/model.onnx and external/in/external.bin.

Usage: python external.py. Made with onnx 1.23.2 of import/norms.onnx.
"""

import os

import onnx

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "external")

os.makedirs(os.path.join(FOLDER, "in"), exist_ok=True)
model = onnx.load(os.path.join(HERE, "import", "norms.onnx"))
onnx.save(model, os.path.join(FOLDER, "model.onnx"), save_as_external_data=True, location="in/external.bin", size_threshold=0)
