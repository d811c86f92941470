"""The networks that a GPU is measured with: torchvision's, with seeded weights and batch statistics that keep activations in range."""
import torch
import torchvision

SIZE = 224
# Name → also as float16.
NETWORKS = {
    "mobilenet_v2": True, "resnet18": True, "resnet50": False, "squeezenet1_1": False, "efficientnet_b0": True,
    "densenet121": False, "convnext_tiny": False, "swin_t": False, "vgg16": False,
}


def network(name):
    """In evaluation mode. What a network costs does not depend on what it knows."""
    torch.manual_seed(0)
    model = getattr(torchvision.models, name)(weights=None)
    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    if norms:
        for norm in norms:
            norm.momentum = 1.0
        model.train()
        with torch.no_grad():
            model(torch.randn(4, 3, SIZE, SIZE))
    return model.eval()
