"""
Dumps every model of a folder and has the numbers judged by others: NumPy on the statistics, NumPy on each node, OpenCV on
the whole network. Prints a table as Markdown; exit 1 when anything disagrees.
"""
import argparse
import gzip
import os
import pathlib
import sys
import tempfile

# Errors are caught and told; OpenCV need not print them too.
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")

import cv2
import numpy
import onnx

from check_nodes import check_nodes
from check_opencv import check_opencv
from check_statistics import check_statistics
from dump_folder import Dump, write_sized
from measure import measure

IMAGENET = ["--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225"]
RAW_BGR = ["--channels", "bgr", "--range", "255"]
ULTRAFACE = ["--range", "255", "--mean", "127,127,127", "--std", "128,128,128"]
KITTEN, FACES = "images/winml/kitten_224.png", "images/ultraface/1.jpg"

# Model → picture, height and width of the network's input, and what else it wants.
MODELS = {
    "SqueezeNet_fp16": (KITTEN, (224, 224), RAW_BGR),
    "fashion_mnist_cnn": ("fashion-mnist/t10k-images-idx3-ubyte.gz", (28, 28), []),
    "lenet5_mnist_lenet": ("images/winml/mnist_28.png", (28, 28), []),
    "mobilenet_v2_torchvisionV2_qdq_int8": (KITTEN, (224, 224), IMAGENET),
    "mobilenetv2-12-qdq": (KITTEN, (224, 224), IMAGENET),
    "ort_mnist_cntk": ("images/winml/mnist_28.png", (28, 28), ["--range", "255"]),
    "resnet20_cifar10": ("datasets/cifar10-jpg/test/bird/0034.jpg", (32, 32), IMAGENET),
    "squeezenet_customvision_tensor_input": (KITTEN, (227, 227), RAW_BGR),
    "winml_cifar10_ImageClassifier": ("datasets/cifar10-jpg/test/bird/0034.jpg", (32, 32), ["--mean", "0.5,0.5,0.5", "--std", "0.5,0.5,0.5"]),
    "FastestDet": ("darknet/data/dog.jpg", (352, 352), ["--channels", "bgr"]),
    "ultraface_version-RFB-320": (FACES, (240, 320), ULTRAFACE),
    "ultraface_version-RFB-320_simplified": (FACES, (240, 320), ULTRAFACE),
    "ultraface_version-slim-320": (FACES, (240, 320), ULTRAFACE),
    "yunet_n_320_320": (FACES, (320, 320), RAW_BGR),
    "yunet_n_dynamic": (FACES, (320, 320), RAW_BGR),
    "candy": ("images/caffe_cat.jpg", (720, 720), RAW_BGR),
    "pytorch_super_resolution": ("images/caffe_cat.jpg", (224, 224), []),
}
GRAY = {"fashion_mnist_cnn", "lenet5_mnist_lenet", "ort_mnist_cntk", "pytorch_super_resolution"}

INTRODUCTION = """\
# Dumps

Every model dumped with its numbers, which others have judged. NumPy, which reads `activations.npz`, has the same shapes,
types, statistics, percentiles and histograms. NumPy, with the operators written down as the specification words them, makes
of each node's dumped operands what was dumped of its result: to 1e-4 of max(1, largest magnitude) for float32, 1e-3 for
float16, exactly for integers. And where OpenCV's own engine can run the whole model, its tensors are the same to 1e-3;
there, all that rounds before a tensor counts. The table is what `Tests/Benchmarks/Peers/check_dump.py` prints.

A node without a referee has a type that NumPy has not (strings, sequences), or an output that the specification leaves open.
"""

NUMBERS = """\
| model | tensors | nodes by NumPy | largest difference | of the magnitude itself | nodes without a referee | tensors by OpenCV | largest difference |
|---|---:|---:|---:|---:|---|---:|---:|"""

COSTS = """
What the dump of one picture takes, start-up, kernels and report included, with {threads} threads, and how large its report is:

| model | seconds | processor seconds | peak memory, MiB | index.html, MB |
|---|---:|---:|---:|---:|"""


def pixels_of(path):
    """Of a picture, or the first one of a data set's file."""
    if path.suffix == ".gz":
        return numpy.frombuffer(gzip.decompress(path.read_bytes())[16:16 + 784], numpy.uint8).reshape(28, 28)
    return cv2.imread(str(path))


def check(visualizer, data, path, threads, folder):
    """A row of each table, and what does not agree."""
    source, size, options = MODELS[path.stem]
    picture = folder / "picture.png"
    write_sized(pixels_of(data / source), size, path.stem in GRAY, picture)
    command = [visualizer, "dump", path, picture, "--quiet", "--threads", threads, *options]
    usage = measure([*command, "--out", folder / "plain"])
    measure([*command, "--out", folder / "raw", "--raw", "npz"])
    dump, model = Dump(folder / "raw", picture), onnx.load(path)
    faults = [f"{name}: {fault}" for name, list_ in check_statistics(dump).items() for fault in list_]
    nodes = check_nodes(model, dump)
    opencv = check_opencv(model, path, dump)
    faults += nodes.faults + (opencv.faults if opencv else [])
    unchecked = ", ".join(f"{op} {count}" for op, count in nodes.unchecked.items())
    by_opencv = f"{opencv.compared} | {opencv.largest:.1e}" if opencv else "– | –"
    numbers = (f"| {path.stem} | {len(dump.tensors)} | {nodes.checked} | {nodes.largest:.1e} | {nodes.strictest:.1e} | {unchecked} "
               f"| {by_opencv} |")
    report = (folder / "plain" / "index.html").stat().st_size
    return numbers, f"| {path.stem} | {usage.wall:.1f} | {usage.processor:.1f} | {usage.peak_mib:.0f} | {report / 1e6:.1f} |", faults


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--visualizer", required=True, type=pathlib.Path)
    arguments.add_argument("--data", required=True, type=pathlib.Path, help="holds onnx-models, images, datasets …")
    arguments.add_argument("--models", nargs="*", help="only these")
    arguments.add_argument("--threads", default=2)
    options = arguments.parse_args()
    print(f"{INTRODUCTION}\n{NUMBERS}")
    costs, disagreements = [], []
    for path in sorted((options.data / "onnx-models").glob("*/*.onnx")):
        if path.stem not in MODELS or options.models and path.stem not in options.models:
            continue
        with tempfile.TemporaryDirectory() as folder:
            numbers, cost, faults = check(options.visualizer, options.data, path, options.threads, pathlib.Path(folder))
        print(numbers, flush=True)
        costs.append(cost)
        disagreements += [f"- {path.stem}, {fault}" for fault in faults]
    print(COSTS.format(threads=options.threads), *costs, sep="\n")
    print("\n" + "\n".join(["Nothing disagrees."] if not disagreements else ["What disagrees:", "", *disagreements]))
    sys.exit(1 if disagreements else 0)


if __name__ == "__main__":
    main()
