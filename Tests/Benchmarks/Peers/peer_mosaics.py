"""Forward hooks on every module, NumPy tiles, cv2.applyColorMap and cv2.imwrite: a mosaic for each layer."""
from peer import run, scale  # First: its clock starts here.

import math

import cv2
import numpy
from torchvision.models.mobilenetv2 import InvertedResidual


def layers(network):
    """All that give maps: modules without children, and the sums of the residual blocks."""
    return {name: module for name, module in network.features.named_modules()
            if not list(module.children()) or isinstance(module, InvertedResidual) and module.use_res_connect}


def tile(maps):
    channels, height, width = maps.shape
    columns = math.ceil(math.sqrt(channels))
    rows = -(-channels // columns)
    tiles = numpy.zeros((rows * columns, height, width), numpy.uint8)
    tiles[:channels] = scale(maps)
    return tiles.reshape(rows, columns, height, width).swapaxes(1, 2).reshape(rows * height, columns * width)


def draw(name, maps, folder, clock):
    with clock.measure("draw"):
        picture = cv2.applyColorMap(tile(maps), cv2.COLORMAP_VIRIDIS)
    with clock.measure("encode and write"):
        cv2.imwrite(str(folder / f"{name}.png"), picture)


if __name__ == "__main__":
    run(layers, draw)
