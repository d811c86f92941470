"""Writes each network as NAME.pth, for the peers, and as NAME.onnx, for the visualizer: export_networks.py FOLDER"""
import pathlib
import sys
import warnings

import torch

from networks import NETWORKS, build_seeded

OPSET = 13


def export(name, folder):
    network, shape = build_seeded(name)
    torch.save(network.state_dict(), folder / f"{name}.pth")
    example = torch.zeros(1, *shape)
    with torch.no_grad():
        outputs = network(example)
    names = [f"stage{i + 1}" for i in range(len(outputs))] if isinstance(outputs, tuple) else ["output"]
    # PRESERVE keeps each batch normalisation as a node: every layer that a hook sees is a tensor of the file too.
    torch.onnx.export(network, example, folder / f"{name}.onnx", opset_version=OPSET, input_names=["input"], output_names=names,
                      training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)


def main():
    warnings.filterwarnings("ignore")
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in NETWORKS:
        export(name, folder)


if __name__ == "__main__":
    main()
