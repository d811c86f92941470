"""ONNX operators that slide a window, in plain NumPy, one window position after another, in double precision."""
import itertools
import math

import numpy


def spatial(attributes, kernel, size):
    """Strides, dilations, padding before and padding after, of every axis."""
    rank = len(kernel)
    strides = attributes.get("strides", [1] * rank)
    dilations = attributes.get("dilations", [1] * rank)
    pads = attributes.get("pads", [0] * 2 * rank)
    before, after = list(pads[:rank]), list(pads[rank:])
    auto = attributes.get("auto_pad", b"NOTSET")
    if auto in (b"SAME_UPPER", b"SAME_LOWER"):
        for axis in range(rank):
            outputs = -(-size[axis] // strides[axis])
            total = max(0, (outputs - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1 - size[axis])
            less, more = total // 2, total - total // 2
            before[axis], after[axis] = (less, more) if auto == b"SAME_UPPER" else (more, less)
    return strides, dilations, before, after


def padded(x, before, after, value):
    return numpy.pad(x, [(0, 0), (0, 0), *zip(before, after)], constant_values=value)


def output_size(size, kernel, strides, dilations, before, after, ceil=False):
    round_ = math.ceil if ceil else math.floor
    sizes = []
    for n, k, s, d, b, a in zip(size, kernel, strides, dilations, before, after):
        outputs = round_((n + b + a - (k - 1) * d - 1) / s) + 1
        # A window that starts in the padding behind the values does not count.
        sizes.append(outputs - 1 if ceil and (outputs - 1) * s >= n + b else outputs)
    return sizes


def views(x, kernel, strides, dilations, outputs):
    """For each place in the window: what it sees from every position, as a view of x."""
    for place in itertools.product(*map(range, kernel)):
        yield place, x[(..., *(slice(p * d, p * d + (n - 1) * s + 1, s) for p, d, s, n in zip(place, dilations, strides, outputs)))]


def conv(inputs, attributes, opset):
    x, weights, *bias = inputs
    kernel, groups = weights.shape[2:], attributes.get("group", 1)
    strides, dilations, before, after = spatial(attributes, kernel, x.shape[2:])
    outputs = output_size(x.shape[2:], kernel, strides, dilations, before, after)
    samples, channels = x.shape[:2]
    x = padded(x.astype(numpy.float64), before, after, 0)
    # One matrix product for each group and each place in the window.
    w = weights.astype(numpy.float64).reshape(groups, -1, channels // groups, *kernel)
    y = numpy.zeros((samples, groups, w.shape[1], math.prod(outputs)))
    for place, seen in views(x, kernel, strides, dilations, outputs):
        seen = seen.reshape(samples, groups, channels // groups, -1)
        y += w[(..., *place)] * seen if w.shape[1] == seen.shape[2] == 1 else w[(..., *place)] @ seen
    y = y.reshape(samples, -1, *outputs)
    return [y + bias[0].reshape(1, -1, *[1] * len(kernel)) if bias else y]


def conv_transpose(inputs, attributes, opset):
    x, weights, *bias = inputs
    kernel = weights.shape[2:]
    strides, dilations, before, after = spatial(attributes | {"auto_pad": b"NOTSET"}, kernel, x.shape[2:])
    extra = attributes.get("output_padding", [0] * len(kernel))
    auto = attributes.get("auto_pad", b"NOTSET")
    full = [(n - 1) * s + (k - 1) * d + 1 + e for n, s, k, d, e in zip(x.shape[2:], strides, kernel, dilations, extra)]
    if "output_shape" in attributes:
        outputs = attributes["output_shape"]
        surplus = [max(0, f - n) for f, n in zip(full, outputs)]
        before = [total // 2 if auto == b"SAME_UPPER" else total - total // 2 for total in surplus]
        # A wanted size that is larger than all sums reach ends in zeros.
        full = [max(f, n) for f, n in zip(full, outputs)]
    else:
        outputs = [f - b - a for f, b, a in zip(full, before, after)]
    if attributes.get("group", 1) != 1 or auto.startswith(b"SAME") and "output_shape" not in attributes:
        return None
    y = numpy.zeros((x.shape[0], weights.shape[1], *full))
    flat = x.astype(numpy.float64).reshape(*x.shape[:2], -1)
    for place, target in views(y, kernel, strides, dilations, x.shape[2:]):
        target += (weights[(..., *place)].T.astype(numpy.float64) @ flat).reshape(target.shape)
    y = y[(..., *(slice(b, b + n) for b, n in zip(before, outputs)))]
    return [y + bias[0].reshape(1, -1, *[1] * len(kernel)) if bias else y]


def pool_geometry(x, attributes):
    kernel = attributes["kernel_shape"]
    strides, dilations, before, after = spatial(attributes, kernel, x.shape[2:])
    outputs = output_size(x.shape[2:], kernel, strides, dilations, before, after, attributes.get("ceil_mode", 0))
    # With ceil_mode the last window may need more than was asked for.
    after = [max(a, (n - 1) * s + (k - 1) * d + 1 - size - b)
             for a, n, s, k, d, size, b in zip(after, outputs, strides, kernel, dilations, x.shape[2:], before)]
    return kernel, strides, dilations, before, after, outputs


def max_pool(inputs, attributes, opset):
    x = inputs[0]
    kernel, strides, dilations, before, after, outputs = pool_geometry(x, attributes)
    x = padded(x, before, after, -numpy.inf)
    return [numpy.maximum.reduce([seen for _, seen in views(x, kernel, strides, dilations, outputs)])]


def average_pool(inputs, attributes, opset):
    x = inputs[0].astype(numpy.float64)
    kernel, strides, dilations, before, after, outputs = pool_geometry(x, attributes)

    def total(values):
        return sum(seen for _, seen in views(padded(values, before, after, 0), kernel, strides, dilations, outputs))
    counts = math.prod(kernel) if attributes.get("count_include_pad", 0) else total(numpy.ones_like(x))
    return [total(x) / counts]


def resize(inputs, attributes, opset):
    """Nearest neighbour."""
    x, _, scales, *sizes = [*inputs, None]
    if attributes.get("mode", b"nearest") != b"nearest":
        return None
    if scales is None or scales.size == 0:
        outputs = sizes[0]
        scales = outputs / numpy.array(x.shape)
    else:
        outputs = numpy.floor(numpy.array(x.shape) * scales).astype(int)
    where = attributes.get("coordinate_transformation_mode", b"half_pixel")
    rounding = attributes.get("nearest_mode", b"round_prefer_floor")
    for axis, (n, scale) in enumerate(zip(outputs, scales.astype(numpy.float64))):
        position = numpy.arange(n) / scale if where == b"asymmetric" else (numpy.arange(n) + 0.5) / scale - 0.5
        if rounding not in (b"floor", b"round_prefer_floor") or where not in (b"asymmetric", b"half_pixel"):
            return None
        index = numpy.floor(position) if rounding == b"floor" else numpy.ceil(position - 0.5)
        x = x.take(numpy.clip(index, 0, x.shape[axis] - 1).astype(int), axis)
    return [x]
