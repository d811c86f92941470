"""The networks that are compared: written as people write them, with seeded random weights."""
import torch
import torchvision
from torch import nn


class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def convolution(inputs, outputs, kernel, stride=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs), nn.LeakyReLU(0.1))


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.narrow = convolution(channels, channels // 2, 1)
        self.wide = convolution(channels // 2, channels, 3)

    def forward(self, x):
        return x + self.wide(self.narrow(x))


class Darknet53(nn.Module):
    """Redmon and Farhadi 2018, without the classifier: the outputs are the ends of the five stages."""

    BLOCKS = {64: 1, 128: 2, 256: 8, 512: 8, 1024: 4}

    def __init__(self):
        super().__init__()
        self.stem = convolution(3, 32, 3)
        self.stages = nn.ModuleList(
            nn.Sequential(convolution(channels // 2, channels, 3, 2), *(Residual(channels) for _ in range(blocks)))
            for channels, blocks in self.BLOCKS.items())

    def forward(self, x):
        x = self.stem(x)
        ends = []
        for stage in self.stages:
            x = stage(x)
            ends.append(x)
        return tuple(ends)


# Name → how to make it, and the shape of its input.
NETWORKS = {
    "lenet": (LeNet, (1, 28, 28)),
    "resnet18": (torchvision.models.resnet18, (3, 224, 224)),
    "mobilenetv2": (torchvision.models.mobilenet_v2, (3, 224, 224)),
    "darknet53": (Darknet53, (3, 416, 416)),
}


def build(name):
    make, shape = NETWORKS[name]
    network = make()
    for module in network.modules():
        # In place, an activation would overwrite what a hook has kept of the layer before it.
        if hasattr(module, "inplace"):
            module.inplace = False
    return network, shape


def build_seeded(name):
    """Batch normalisations fit the random weights, so that no layer is dead and none overflows."""
    torch.manual_seed(0)
    network, shape = build(name)
    normalizations = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    for module in normalizations:
        module.momentum = None
        nn.init.uniform_(module.weight, 0.5, 1.5)
        nn.init.normal_(module.bias, std=0.2)
    with torch.no_grad():
        network.train()(torch.randn(2, *shape))
    return network.eval(), shape
