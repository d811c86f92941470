"""The numbers in a manifest against NumPy's on the arrays beside it."""
import numpy

# Sums run in another order and, of a channel, in single precision at the end.
CLOSE = 1e-6


def differs(ours, numpys, size):
    return not abs((ours or 0) - numpys) <= CLOSE * max(1e-30, size)


def check_tensor(record, array, percentages):
    """What does not agree, in words."""
    if (record["dtype"], record["shape"]) != (str(array.dtype), list(array.shape)):
        return [f"{record['dtype']} {record['shape']} in the manifest, {array.dtype} {list(array.shape)} in the archive"]
    faults = []
    values = array.astype(numpy.float32).ravel()
    finite = values[numpy.isfinite(values)].astype(numpy.float64)
    expected = {"nan": int(numpy.isnan(values).sum()), "inf": int(numpy.isinf(values).sum())}
    if finite.size:
        expected.update(min=finite.min(), max=finite.max(), zeros=(finite == 0).mean())
    for name, value in expected.items():
        if differs(record[name], value, abs(value)):
            faults.append(f"{name} is {record[name]}, NumPy has {value}")
    if finite.size:
        size = numpy.abs(finite).max()
        for name, value in (("mean", finite.mean()), ("std", finite.std())):
            if differs(record[name], value, size):
                faults.append(f"{name} is {record[name]}, NumPy has {value}")
        for percentage, ours, value in zip(percentages, record["percentiles"], numpy.percentile(finite, percentages)):
            if differs(ours, value, size):
                faults.append(f"percentile {percentage} is {ours}, NumPy has {value}")
        faults += check_histogram(record["histogram"], finite)
        if array.ndim == 4 and array.shape[0] == 1 and finite.size == array.size:
            faults += check_channels(record["byChannel"], array[0].reshape(array.shape[1], -1).astype(numpy.float64), size)
    return faults


def check_histogram(histogram, finite):
    counts = numpy.array(histogram["counts"])
    edges = numpy.linspace(float(numpy.float32(histogram["min"])), float(numpy.float32(histogram["max"])), counts.size + 1)
    if counts.sum() != finite.size:
        return [f"histogram counts {counts.sum()} values of {finite.size}"]
    if edges[0] == edges[-1]:
        return []
    # A value on the border of two bins may fall into either: as many as lie within rounding of a border.
    borders = numpy.searchsorted(numpy.sort(finite), numpy.concatenate([edges - CLOSE * abs(edges).max(), edges + CLOSE * abs(edges).max()]))
    allowed = 2 * (borders[edges.size:] - borders[:edges.size]).sum()
    off = abs(counts - numpy.histogram(finite, edges)[0]).sum()
    return [f"histogram differs by {off} values, {allowed} lie on a border"] if off > allowed else []


def check_channels(table, channels, size):
    faults = []
    for name, values in (("min", channels.min(1)), ("max", channels.max(1)), ("mean", channels.mean(1)), ("std", channels.std(1)),
                         ("zeros", (channels == 0).mean(1))):
        off = numpy.abs(numpy.array(table[name], numpy.float64) - values).max()
        if not off <= CLOSE * (1 if name == "zeros" else size):
            faults.append(f"{name} of a channel differs by {off}")
    return faults


def check_statistics(dump):
    """Tensor → what does not agree."""
    names = list(dump.tensors)
    if sorted(names) != sorted(dump.arrays.files):
        return {"activations.npz": [f"only there or only in the manifest: {sorted(set(names) ^ set(dump.arrays.files))}"]}
    found = {name: check_tensor(dump.tensors[name], dump.arrays[name], dump.manifest["percentages"]) for name in names}
    return {name: faults for name, faults in found.items() if faults}
