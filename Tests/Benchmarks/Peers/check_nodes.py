"""Each node of a dumped model alone: NumPy computes it from the dumped operands, the dumped result is compared."""
import collections
from dataclasses import dataclass, field

import numpy
from onnx import helper, numpy_helper

from numpy_operators import OPERATORS

# Of the largest magnitude, or of 1 when that is less. Half precision keeps 11 bits of the result.
ALLOWED = {"float32": 1e-4, "float64": 1e-7, "float16": 1e-3}


@dataclass
class NodeResult:
    checked: int = 0
    # Largest difference relative to max(1, largest magnitude), and to the largest magnitude itself.
    largest: float = 0
    strictest: float = 0
    unchecked: collections.Counter = field(default_factory=collections.Counter)
    faults: list = field(default_factory=list)


def attributes_of(node):
    return {a.name: numpy_helper.to_array(a.t) if a.HasField("t") else helper.get_attribute_value(a) for a in node.attribute}


def difference(dumped, computed):
    """Largest difference, relative to max(1, magnitude) and to the magnitude."""
    if dumped.size == 0:
        return 0.0, 0.0
    dumped, computed = dumped.astype(numpy.float64), computed.astype(numpy.float64)
    same = (dumped == computed) | numpy.isnan(dumped) & numpy.isnan(computed)
    off = numpy.where(same, 0, abs(dumped - computed)).max()
    magnitude = abs(computed).max()
    return off / max(1, magnitude), off / magnitude if magnitude else off


def compare(result, node, name, dumped, computed):
    result.checked += 1
    if dumped.shape != computed.shape:
        result.faults.append(f"{node.op_type} '{name}': shape {dumped.shape}, NumPy has {computed.shape}")
        return
    off, strict = difference(dumped, computed)
    if not off <= ALLOWED.get(str(dumped.dtype), 0):
        wrong = numpy.unravel_index(numpy.argmax(abs(dumped.astype(numpy.float64) - computed)), dumped.shape)
        result.faults.append(f"{node.op_type} '{name}' {dumped.dtype}{list(dumped.shape)}: {off:.2g} at {[int(i) for i in wrong]}: "
                             f"{dumped[wrong]}, NumPy has {computed[wrong]}")
    result.largest = max(result.largest, off)
    result.strictest = max(result.strictest, strict)


def check_nodes(model, dump):
    opset = next(o.version for o in model.opset_import if o.domain in ("", "ai.onnx"))
    # What is known beside the dump: weights, the input, and what follows from constants alone.
    known = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
    main = next(i.name for i in model.graph.input if i.name not in known)
    known[main] = dump.network_input()
    result = NodeResult()

    def value(name):
        return dump.arrays[name] if name in dump.tensors else known[name] if name else None

    for node in model.graph.node:
        attributes = attributes_of(node)
        if node.op_type == "Constant":
            known[node.output[0]] = attributes["value"]
            continue
        dumped = [name for name in node.output if name in dump.tensors]
        outputs = None
        if node.op_type in OPERATORS and all(not name or name in known or name in dump.tensors for name in node.input):
            with numpy.errstate(over="ignore"):
                outputs = OPERATORS[node.op_type]([value(name) for name in node.input], attributes, opset)
        if outputs is None:
            result.unchecked[node.op_type] += 1
            continue
        for name, computed in zip(node.output, outputs):
            if name in dump.tensors:
                compare(result, node, name, dump.arrays[name], computed)
            else:
                known[name] = computed
        if len(dumped) > len(outputs):
            result.unchecked[f"{node.op_type}'s output {len(outputs) + 1}:"] += 1
    return result
