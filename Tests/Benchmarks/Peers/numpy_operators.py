"""
ONNX operators in plain NumPy, as the specification words them: (inputs, attributes, opset) → outputs. None says that this
variant has no referee here. Floats are computed in double precision and compared with what a runtime gives in its own.
"""
import math

import numpy

import numpy_windows


def wide(x):
    return x.astype(numpy.float64) if x.dtype.kind == "f" else x


def by_channel(values, rank):
    return wide(values).reshape(1, -1, *[1] * (rank - 2))


def elementwise(function):
    return lambda inputs, attributes, opset: [function(*map(wide, inputs))]


def divide(a, b):
    return numpy.trunc(a / b).astype(a.dtype) if a.dtype.kind in "iu" else a / b


def clip(inputs, attributes, opset):
    bounds = [inputs[i] if len(inputs) > i and inputs[i] is not None else attributes.get(name, default)
              for i, name, default in ((1, "min", -math.inf), (2, "max", math.inf))]
    return [numpy.clip(wide(inputs[0]), *bounds)]


def batch_normalization(inputs, attributes, opset):
    x, scale, bias, mean, variance = inputs
    scale, bias, mean, variance = (by_channel(v, x.ndim) for v in (scale, bias, mean, variance))
    return [(wide(x) - mean) / numpy.sqrt(variance + attributes.get("epsilon", 1e-5)) * scale + bias]


def instance_normalization(inputs, attributes, opset):
    x, scale, bias = inputs
    axes = tuple(range(2, x.ndim))
    x = wide(x)
    normal = (x - x.mean(axes, keepdims=True)) / numpy.sqrt(x.var(axes, keepdims=True) + attributes.get("epsilon", 1e-5))
    return [normal * by_channel(scale, x.ndim) + by_channel(bias, x.ndim)]


def softmax(inputs, attributes, opset):
    x = wide(inputs[0])
    axis = attributes.get("axis", 1 if opset < 13 else -1)
    # Before opset 13 all axes from this one on count as one.
    flat = x.reshape(math.prod(x.shape[:axis]), -1) if opset < 13 else numpy.moveaxis(x, axis, -1)
    powers = numpy.exp(flat - flat.max(-1, keepdims=True))
    y = powers / powers.sum(-1, keepdims=True)
    return [y.reshape(x.shape) if opset < 13 else numpy.moveaxis(y, -1, axis)]


def log_softmax(inputs, attributes, opset):
    return [numpy.log(softmax(inputs, attributes, opset)[0])]


def gemm(inputs, attributes, opset):
    a, b, *c = map(wide, inputs)
    product = (a.T if attributes.get("transA") else a) @ (b.T if attributes.get("transB") else b)
    return [attributes.get("alpha", 1) * product + (attributes.get("beta", 1) * c[0] if c else 0)]


def reduce_mean(inputs, attributes, opset):
    x, *axes = inputs
    axes = axes[0] if axes else attributes.get("axes", range(x.ndim))
    return [wide(x).mean(tuple(int(a) for a in axes), keepdims=bool(attributes.get("keepdims", 1)))]


def global_average_pool(inputs, attributes, opset):
    return [wide(inputs[0]).mean(tuple(range(2, inputs[0].ndim)), keepdims=True)]


def reshape(inputs, attributes, opset):
    x, shape = inputs
    return [x.reshape([x.shape[i] if n == 0 else n for i, n in enumerate(shape)])]


def flatten(inputs, attributes, opset):
    axis = attributes.get("axis", 1)
    return [inputs[0].reshape(math.prod(inputs[0].shape[:axis]), -1)]


def unsqueeze(inputs, attributes, opset):
    axes = attributes["axes"] if opset < 13 else inputs[1]
    return [numpy.expand_dims(inputs[0], tuple(int(a) for a in axes))]


def slice_(inputs, attributes, opset):
    x = inputs[0]
    names = ("starts", "ends", "axes", "steps")
    starts, ends, axes, steps = [attributes.get(n) for n in names] if opset < 10 else [*inputs[1:], *[None] * (5 - len(inputs))]
    axes = range(len(starts)) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    if any(step < 0 for step in steps):
        return None
    cut = [slice(None)] * x.ndim
    for axis, start, end, step in zip(axes, starts, ends, steps):
        cut[axis] = slice(int(start), int(end), int(step))
    return [x[tuple(cut)]]


def pad(inputs, attributes, opset):
    x = inputs[0]
    pads = attributes["pads"] if opset < 11 else inputs[1]
    value = attributes.get("value", 0) if opset < 11 else inputs[2] if len(inputs) > 2 and inputs[2] is not None else 0
    sides = [(int(pads[i]), int(pads[i + x.ndim])) for i in range(x.ndim)]
    # A negative padding crops.
    x = x[tuple(slice(max(0, -before), n - max(0, -after)) for n, (before, after) in zip(x.shape, sides))]
    sides = [(max(0, before), max(0, after)) for before, after in sides]
    mode = attributes.get("mode", b"constant")
    return [numpy.pad(x, sides, constant_values=value) if mode == b"constant" else numpy.pad(x, sides, mode=mode.decode())]


def quantization(inputs, attributes):
    x, scale, *zero = inputs
    zero = zero[0] if zero else numpy.uint8(0)
    if scale.ndim == 1 and scale.size > 1:
        shape = [-1 if axis == attributes.get("axis", 1) % x.ndim else 1 for axis in range(x.ndim)]
        scale, zero = scale.reshape(shape), numpy.asarray(zero).reshape(shape)
    return x, scale, numpy.asarray(zero)


def quantize(inputs, attributes, opset):
    # In single precision: which way a tie falls is part of the operator.
    x, scale, zero = quantization(inputs, attributes)
    limits = numpy.iinfo(zero.dtype)
    return [numpy.clip(numpy.rint(x / scale) + zero.astype(numpy.float32), limits.min, limits.max).astype(zero.dtype)]


def dequantize(inputs, attributes, opset):
    x, scale, zero = quantization(inputs, attributes)
    return [(x.astype(numpy.int32) - zero.astype(numpy.int32)) * wide(scale)]


def depth_to_space(inputs, attributes, opset):
    x, block = inputs[0], attributes["blocksize"]
    n, c, h, w = x.shape
    if attributes.get("mode", b"DCR") == b"DCR":
        return [x.reshape(n, block, block, -1, h, w).transpose(0, 3, 4, 1, 5, 2).reshape(n, -1, h * block, w * block)]
    return [x.reshape(n, -1, block, block, h, w).transpose(0, 1, 4, 2, 5, 3).reshape(n, -1, h * block, w * block)]


def argmax(inputs, attributes, opset):
    axis = attributes.get("axis", 0)
    y = inputs[0].argmax(axis)
    return [numpy.expand_dims(y, axis) if attributes.get("keepdims", 1) else y]


def image_scaler(inputs, attributes, opset):
    return [wide(inputs[0]) * attributes.get("scale", 1) + numpy.array(attributes["bias"]).reshape(1, -1, 1, 1)]


def crop(inputs, attributes, opset):
    left, top, right, bottom = attributes["border"]
    _, _, height, width = inputs[0].shape
    rows, columns = attributes.get("scale", (height - top - bottom, width - left - right))
    return [inputs[0][:, :, top:top + rows, left:left + columns]]


def affine(inputs, attributes, opset):
    return [wide(inputs[0]) * attributes.get("alpha", 1) + attributes.get("beta", 0)]


OPERATORS = {
    "Add": elementwise(numpy.add), "Sub": elementwise(numpy.subtract), "Mul": elementwise(numpy.multiply), "Div": elementwise(divide),
    "Relu": elementwise(lambda x: numpy.maximum(x, 0)), "Exp": elementwise(numpy.exp), "Tanh": elementwise(numpy.tanh),
    "Sigmoid": elementwise(lambda x: 1 / (1 + numpy.exp(-x))), "MatMul": elementwise(numpy.matmul),
    "LeakyRelu": lambda inputs, attributes, opset: [numpy.where(inputs[0] < 0, attributes.get("alpha", 0.01) * wide(inputs[0]), inputs[0])],
    "Identity": lambda inputs, attributes, opset: [inputs[0]], "Dropout": lambda inputs, attributes, opset: [inputs[0]],
    "Clip": clip, "BatchNormalization": batch_normalization, "InstanceNormalization": instance_normalization,
    "Softmax": softmax, "LogSoftmax": log_softmax, "Gemm": gemm, "ReduceMean": reduce_mean,
    "Conv": numpy_windows.conv, "ConvTranspose": numpy_windows.conv_transpose, "MaxPool": numpy_windows.max_pool,
    "AveragePool": numpy_windows.average_pool, "GlobalAveragePool": global_average_pool, "Resize": numpy_windows.resize,
    "Reshape": reshape, "Flatten": flatten, "Unsqueeze": unsqueeze, "Slice": slice_, "Pad": pad,
    "Transpose": lambda inputs, attributes, opset: [inputs[0].transpose(attributes.get("perm"))],
    "Concat": lambda inputs, attributes, opset: [numpy.concatenate(inputs, attributes["axis"])],
    "Gather": lambda inputs, attributes, opset: [inputs[0].take(inputs[1], attributes.get("axis", 0))],
    "Shape": lambda inputs, attributes, opset: [numpy.array(inputs[0].shape, numpy.int64)],
    "QuantizeLinear": quantize, "DequantizeLinear": dequantize,
    "DepthToSpace": depth_to_space, "ArgMax": argmax, "ImageScaler": image_scaler, "Crop": crop, "Affine": affine,
}
