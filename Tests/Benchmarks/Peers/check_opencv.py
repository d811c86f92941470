"""A whole model in another engine: OpenCV's own reader and layers, fusion off, against the dumped tensors."""
from dataclasses import dataclass, field

import cv2

from check_nodes import difference

# Relative to max(1, largest magnitude). What two engines round differently adds up from layer to layer.
ALLOWED = 1e-3


@dataclass
class EngineResult:
    compared: int = 0
    largest: float = 0
    faults: list = field(default_factory=list)


def check_opencv(model, path, dump):
    """None where OpenCV cannot read or run the model."""
    try:
        network = cv2.dnn.readNetFromONNX(str(path))
        network.enableFusion(False)
        network.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
        layers = {name: layer for name, layer in layers_of(model) if name in dump.tensors and layer in network.getLayerNames()}
        network.setInput(dump.network_input())
        outputs = network.forward(list(layers.values()))
    except (cv2.error, ValueError):
        return None
    result = EngineResult()
    for name, output in zip(layers, outputs):
        dumped = dump.arrays[name]
        # Shapes as numbers are not tensors there, and rows may be kept as a matrix.
        if dumped.dtype.kind != "f" or dumped.size != output.size:
            continue
        result.compared += 1
        off, _ = difference(dumped, output.reshape(dumped.shape))
        result.largest = max(result.largest, off)
        if not off <= ALLOWED:
            result.faults.append(f"'{name}': {off:.2g}")
    return result


def layers_of(model):
    """Tensor → what OpenCV calls the layer that makes it."""
    for node in model.graph.node:
        yield node.output[0], f"onnx_node!{node.name}" if node.name else f"onnx_node_output_0!{node.output[0]}"
