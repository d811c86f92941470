"""
The visualizer against the ways people do it in Python, on one machine in one run. Both sides take turns, each with the same
pictures, threads and files to write. Prints tables as Markdown.
"""
import argparse
import functools
import json
import pathlib
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass

from measure import measure

HERE = pathlib.Path(__file__).parent
# What the peers do not do either: no weights, no summary of each layer.
PLAIN = ["--no-kernels", "--pca", "false", "--quiet"]
COLOUR = ["--preset", "imagenet"]


@dataclass(frozen=True)
class Comparison:
    title: str
    peer: str
    network: str
    # What the visualizer is told; several when it is measured in several ways.
    variants: dict
    # Pictures of a longer run: what it takes more than a run with one picture is the steady state. 1: the peer is too slow.
    peer_pictures: int
    pictures: int


COMPARISONS = [
    Comparison("Darknet53 416², the ends of the five stages, a file for each of 1,984 channels", "peer_channels.py", "darknet53",
               {"": ["--tensors", "stage?", "--each-channel", *COLOUR]}, 4, 4),
    Comparison("LeNet, 2 convolutions, a figure for each", "peer_figures.py", "lenet", {"": ["--ops", "Conv", "--columns", "16"]}, 10, 10),
    Comparison("ResNet-18 224², 20 convolutions, a figure of 64 maps for each", "peer_figures.py", "resnet18",
               {"": ["--ops", "Conv", "--columns", "16", "--max-channels", "64", *COLOUR]}, 1, 10),
    Comparison("MobileNetV2 224², 149 layers, a mosaic for each", "peer_mosaics.py", "mobilenetv2",
               {"": COLOUR, ", a pixel for each value": ["--tile-size", "1", *COLOUR]}, 20, 20),
]


@dataclass(frozen=True)
class Cost:
    """Medians, of one picture with start-up and of each further picture."""
    first_wall: float
    first_processor: float
    wall: float
    processor: float
    peak_mib: float


class Side:
    def __init__(self, pictures, command):
        self.pictures, self.command = pictures, command
        self.one, self.many = [], []

    def measure(self, folder):
        self.one.append(self.run(folder, 1))
        if self.pictures > 1:
            self.many.append(self.run(folder, self.pictures))

    def run(self, folder, pictures):
        out = folder / "out"
        usage = measure(self.command(pictures, out))
        shutil.rmtree(out)
        return usage

    def cost(self):
        def median(runs, what):
            return statistics.median(getattr(run, what) for run in runs)

        def steady(what, start_up):
            # Without a longer run, what is left after the start-up that the peer's own clock tells.
            return ((median(self.many, what) - median(self.one, what)) / (self.pictures - 1) if self.many
                    else median(self.one, what) - statistics.median(json.loads(run.output)[start_up] for run in self.one))
        return Cost(median(self.one, "wall"), median(self.one, "processor"), steady("wall", "start-up"),
                    steady("processor", "start-up processor"), median(self.many or self.one, "peak_mib"))


def compare(comparison, options, networks, pictures, folder):
    """The peer, and the visualizer in each variant."""
    def peer(count, out):
        return [sys.executable, HERE / comparison.peer, comparison.network, networks / f"{comparison.network}.pth", *pictures[:count],
                "--out", out, "--threads", options.threads]

    def ours(variant, count, out):
        return [options.visualizer, "dump", networks / f"{comparison.network}.onnx", *pictures[:count],
                "--out", out, "--threads", options.threads, *PLAIN, *variant]
    sides = [Side(comparison.peer_pictures, peer), *(Side(comparison.pictures, functools.partial(ours, variant))
                                                     for variant in comparison.variants.values())]
    for _ in range(options.repetitions):
        for side in sides:
            side.measure(folder)
    return sides


def row(title, peer, ours, memory, *what):
    """A row with a triple for each of what: the peer's milliseconds, ours, the ratio."""
    pairs = [(getattr(peer, name) * 1e3, getattr(ours, name) * 1e3) for name in what]
    cells = [f"{a:,.0f} | {b:,.0f} | **{a / b:.1f}×**" for a, b in pairs]
    return f"| {' | '.join([title, *cells, *([f'{peer.peak_mib:,.0f} | {ours.peak_mib:,.0f}'] if memory else [])])} |"


def phases(comparison, side):
    runs = [json.loads(run.output) for run in side.many or side.one]
    total = {phase: statistics.median(run[phase] for run in runs) * 1e3 for phase in runs[0]}
    start_up, _ = total.pop("start-up"), total.pop("start-up processor")
    each = {phase: milliseconds / side.pictures for phase, milliseconds in total.items()}
    return f"| {comparison.peer}, {comparison.network} | {start_up:,.0f} | {' | '.join(f'{value:,.0f}' for value in each.values())} |"


def print_tables(costs, where):
    """costs: (title, the peer's, ours)."""
    print("| one picture, start-up included | ms: peer | visualizer | ratio | processor ms: peer | visualizer | ratio |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    print(*(row(*cost, False, "first_wall", "first_processor") for cost in costs), sep="\n")
    print("\n| each further picture | ms: peer | visualizer | ratio | processor ms: peer | visualizer | ratio | peak MiB: peer | visualizer |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    print(*(row(*cost, True, "wall", "processor") for cost in costs), sep="\n")
    print("\n| where the peers' ms go | start-up | decode | network | draw | encode and write |")
    print("|---|---:|---:|---:|---:|---:|")
    print(*where, sep="\n")


def print_limit(options, network, picture):
    """ONNX Runtime alone as the limit, and where the visualizer's own time goes."""
    if "\n  bench " in measure([options.visualizer, "--help"]).output:
        print(f"\n```\n{measure([options.visualizer, 'bench', network, picture, '--threads', options.threads, '--quiet']).output.rstrip()}\n```")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--visualizer", required=True, type=pathlib.Path)
    arguments.add_argument("--pictures", required=True, type=pathlib.Path, help="a folder with 20 pictures or more")
    arguments.add_argument("--repetitions", type=int, default=3)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--only", help="part of a comparison's title")
    options = arguments.parse_args()
    pictures = sorted(path for path in options.pictures.iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png"))[:20]
    if len(pictures) < 20:
        sys.exit(f"error: {options.pictures} holds {len(pictures)} pictures, expected 20")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        measure([sys.executable, HERE / "export_networks.py", folder])
        print(measure([sys.executable, HERE / "prove_same.py", options.visualizer, folder, pictures[0]]).output)
        costs, where = [], []
        for comparison in COMPARISONS:
            if options.only and options.only not in comparison.title:
                continue
            peer, *ours = compare(comparison, options, folder, pictures, folder)
            costs += [(comparison.title + label, peer.cost(), side.cost()) for label, side in zip(comparison.variants, ours)]
            where.append(phases(comparison, peer))
            print(f"measured: {comparison.title}", file=sys.stderr)
        print_tables(costs, where)
        print_limit(options, folder / "mobilenetv2.onnx", pictures[0])


if __name__ == "__main__":
    main()
