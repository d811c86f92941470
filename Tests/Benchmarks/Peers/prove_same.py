"""
That both sides do the same: prove_same.py VISUALIZER FOLDER PICTURE. PyTorch's layers, by hooks, against the dumped tensors of
the exported networks; and the pixels of the dumped channels against NumPy's scaling and OpenCV's colormap.
"""
import pathlib
import subprocess
import sys
import tempfile

import cv2
import onnx
import torch

import peer
from check_nodes import difference
from dump_folder import Dump, write_sized
from networks import NETWORKS, build

# As between any two engines.
ALLOWED = 1e-4
OPTIONS = ["--quiet", "--raw", "npz", "--no-kernels", "--pca", "false"]


def module_of(node_name):
    """'/layer1/layer1.0/conv1/Conv' → 'layer1.0.conv1': each part is a module's name within the last one that it does not repeat."""
    parts = []
    for part in node_name.split("/")[1:-1]:
        if parts and part.startswith(parts[-1] + "."):
            parts[-1] = part
        else:
            parts.append(part)
    return ".".join(parts)


def compare_layers(name, folder, dump):
    """How many layers, and their largest difference relative to max(1, magnitude)."""
    network, shape = build(name)
    network.load_state_dict(torch.load(folder / f"{name}.pth"))
    network.eval()
    # The last node of a module makes its output.
    tensors = {module_of(node.name): node.output[0] for node in onnx.load(folder / f"{name}.onnx").graph.node}
    # A module that is called twice has two nodes; a hook sees the last of its outputs.
    modules = {module: m for module, m in network.named_modules()
               if tensors.get(module) in dump.tensors and not list(m.children()) and f"{module}_1" not in tensors}
    # A copy: what follows may work in place, as the sums of ResNet-18 do on the layer before them.
    seen = peer.hook(modules, torch.clone)
    with torch.no_grad():
        network(torch.from_numpy(dump.network_input().copy()))
    return len(seen), max(difference(dump.arrays[tensors[module]], output.numpy())[0] for module, output in seen.items())


def compare_pixels(dump):
    """Files, pixels, and how many of them are a step of the colormap away and how many are further."""
    files, pixels, near, far = 0, 0, 0, 0
    for name, tensor in dump.tensors.items():
        for file, expected in zip(tensor["channels"], peer.scale(dump.arrays[name][0]), strict=True):
            picture = cv2.imread(str(dump.folder / file))
            # Some neighbours among the colours are the same.
            same, below, above = ((picture == cv2.applyColorMap(level, cv2.COLORMAP_VIRIDIS)).all(-1)
                                  for level in (expected, expected - (expected > 0), expected + (expected < 255)))
            files, pixels = files + 1, pixels + same.size
            near += (~same & (below | above)).sum()
            far += (~same & ~below & ~above).sum()
    return files, pixels, near, far


def dump_network(visualizer, name, folder, picture, out, *options):
    channels, height, width = NETWORKS[name][1]
    sized = folder / f"{name}.png"
    write_sized(picture, (height, width), channels == 1, sized)
    subprocess.run([visualizer, "dump", folder / f"{name}.onnx", sized, "--out", out, *OPTIONS, *options], check=True, stdout=subprocess.DEVNULL)
    return Dump(out, sized)


def main():
    visualizer, folder, picture = map(pathlib.Path, sys.argv[1:])
    faults = 0
    print("| network | layers | largest difference of PyTorch's and the dumped tensors |\n|---|---:|---:|")
    for name in NETWORKS:
        with tempfile.TemporaryDirectory() as out:
            layers, largest = compare_layers(name, folder, dump_network(visualizer, name, folder, picture, pathlib.Path(out)))
        print(f"| {name} | {layers} | {largest:.1e} |")
        faults += not largest <= ALLOWED
    with tempfile.TemporaryDirectory() as out:
        dump = dump_network(visualizer, "darknet53", folder, picture, pathlib.Path(out), "--tensors", "stage?", "--each-channel")
        files, pixels, near, far = compare_pixels(dump)
    print(f"\n{files:,} channel files, {pixels:,} pixels: {near:,} are one step of 255 from NumPy's, {far:,} are further.")
    sys.exit(1 if faults or far else 0)


if __name__ == "__main__":
    main()
