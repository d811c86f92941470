"""Forward hooks and matplotlib, as tutorials have it: a figure for each layer, 16 maps to a row, the first 64 of them."""
from peer import of_types, run  # First: its clock starts here.

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plot
from torch import nn

COLUMNS, MOST = 16, 64


def convolutions(network):
    return of_types(network, nn.Conv2d)


def draw(name, maps, folder, clock):
    maps = maps[:MOST]
    rows = -(-len(maps) // COLUMNS)
    with clock.measure("draw"):
        figure = plot.figure(figsize=(COLUMNS, rows))
        for channel, plane in enumerate(maps):
            axes = figure.add_subplot(rows, COLUMNS, channel + 1)
            axes.imshow(plane, cmap="viridis")
            axes.axis("off")
    with clock.measure("encode and write"):
        figure.savefig(folder / f"{name}.png")
    plot.close(figure)


if __name__ == "__main__":
    run(convolutions, draw)
