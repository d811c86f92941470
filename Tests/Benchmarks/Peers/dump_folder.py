"""A dump with --raw npz, as its files say it: the manifest, the arrays, and the network's input rebuilt from both."""
import json
import pathlib

import cv2
import numpy


def write_sized(picture, size, gray, target):
    """
    As a PNG of the network's size: how a picture is resized is in no specification. Nor is how a decoder makes colours gray,
    so a gray one is written as such. A picture is a path or pixels.
    """
    pixels = picture if isinstance(picture, numpy.ndarray) else cv2.imread(str(picture))
    pixels = cv2.resize(pixels, size[::-1], interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(target), cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY) if gray and pixels.ndim == 3 else pixels)


class Dump:
    def __init__(self, folder, picture):
        self.folder = pathlib.Path(folder)
        self.manifest = json.loads((self.folder / "manifest.json").read_text())
        self.tensors = {tensor["name"]: tensor for tensor in self.manifest["tensors"]}
        self.arrays = numpy.load(self.folder / self.manifest["raw"])
        self.picture = picture

    def network_input(self):
        how = self.manifest["preprocessing"]
        gray = how["channels"] == "gray"
        pixels = cv2.imread(str(self.picture), cv2.IMREAD_GRAYSCALE if gray else cv2.IMREAD_COLOR)
        if list(pixels.shape[:2]) != how["size"]:
            raise ValueError(f"{self.picture} is {pixels.shape[:2]}, the network's input {how['size']}")
        values = numpy.atleast_3d(pixels if how["channels"] != "rgb" else pixels[..., ::-1]).astype(numpy.float64)
        if how["range"] == 1:
            values /= 255
        values = (values - (how["mean"] or 0)) / (how["std"] or 1)
        shape = self.manifest["input"]["shape"]
        return numpy.broadcast_to(values.transpose(2, 0, 1)[None], shape).astype(numpy.float32)
