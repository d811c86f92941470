"""What the peers have in common: a network with its weights, a picture as its input, hooks, and a clock."""
import time

STARTED = time.perf_counter()

import argparse
import contextlib
import json
import pathlib
import sys

import cv2
import numpy
import torch

from networks import build

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Clock:
    """Seconds by what they went into."""

    def __init__(self):
        self.seconds = {}

    @contextlib.contextmanager
    def measure(self, phase):
        start = time.perf_counter()
        yield
        self.seconds[phase] = self.seconds.get(phase, 0) + time.perf_counter() - start


def read_input(path, shape):
    channels, height, width = shape
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE if channels == 1 else cv2.IMREAD_COLOR)
    picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    if channels == 1:
        return torch.from_numpy(picture.astype(numpy.float32) / 255)[None, None]
    values = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB).astype(numpy.float32) / 255
    values = (values - numpy.float32(MEAN)) / numpy.float32(STD)
    return torch.from_numpy(values.transpose(2, 0, 1).copy())[None]


def hook(modules, keep=lambda output: output):
    """modules: name → module. Gives a dictionary that each run fills: name → output."""
    seen = {}
    for name, module in modules.items():
        module.register_forward_hook(lambda _module, _inputs, output, name=name: seen.__setitem__(name, keep(output)))
    return seen


def of_types(network, *types):
    return {name: module for name, module in network.named_modules() if isinstance(module, types)}


def scale(maps):
    """Each map to 0..255 by its own range. A constant becomes 0."""
    low = maps.min((-2, -1), keepdims=True)
    width = maps.max((-2, -1), keepdims=True) - low
    return ((maps - low) * (255 / numpy.where(width > 0, width, 1)) + numpy.float32(0.5)).astype(numpy.uint8)


def run(choose, draw):
    """choose: network → modules to hook. draw: writes one layer: (name, maps as [C, H, W], folder, clock)."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("network")
    arguments.add_argument("weights")
    arguments.add_argument("pictures", nargs="+", type=pathlib.Path)
    arguments.add_argument("--out", type=pathlib.Path, required=True)
    arguments.add_argument("--threads", type=int, required=True)
    options = arguments.parse_args()
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(options.threads)
    clock = Clock()
    with torch.no_grad():
        network, shape = build(options.network)
        network.load_state_dict(torch.load(options.weights))
        network.eval()
        seen = hook(choose(network))
        clock.seconds |= {"start-up": time.perf_counter() - STARTED, "start-up processor": time.process_time()}
        for path in options.pictures:
            folder = options.out / path.stem
            folder.mkdir(parents=True, exist_ok=True)
            with clock.measure("decode"):
                values = read_input(path, shape)
            with clock.measure("network"):
                network(values)
            for name, output in seen.items():
                draw(name, output[0].numpy(), folder, clock)
    json.dump(clock.seconds, sys.stdout)
