using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CnnOnnx.Benchmarks.Networks;

/// <summary>ResNet-18 (He et al. 2015) twice: written by hand in TorchSharp, and as the ONNX graph of the same names.</summary>
internal sealed class ResNet18 : nn.Module<Tensor, Tensor>
{
    private static readonly (int Channels, int Stride)[] Stages = [(64, 1), (128, 2), (256, 2), (512, 2)];

    private readonly nn.Module<Tensor, Tensor> conv1 = nn.Conv2d(3, 64, 7, stride: 2, padding: 3, bias: false);
    private readonly nn.Module<Tensor, Tensor> bn1 = nn.BatchNorm2d(64);
    private readonly Sequential layers;
    private readonly nn.Module<Tensor, Tensor> fc = nn.Linear(512, 1000);

    public ResNet18() : base("resnet18")
    {
        var blocks = new List<(string, nn.Module<Tensor, Tensor>)>();
        int channels = 64;
        foreach ((int wide, int stride) in Stages)
        {
            blocks.Add(($"{wide}a", new Block(channels, wide, stride)));
            blocks.Add(($"{wide}b", new Block(wide, wide, 1)));
            channels = wide;
        }

        layers = nn.Sequential(blocks);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = nn.functional.relu(bn1.call(conv1.call(input)));
        x = layers.call(nn.functional.max_pool2d(x, 3, 2, 1));
        return fc.call(x.mean([2, 3])).MoveToOuterDisposeScope();
    }

    /// <summary>The same network as a graph; every tensor gets the values of the module.</summary>
    public static OnnxModel Graph(nn.Module weights)
    {
        var graph = new TorchGraph("resnet18", weights);
        string x = graph.Builder.Input("input", ElementType.Float, "N", 3, 224, 224);
        x = graph.Relu(graph.BatchNorm(graph.Conv(x, "conv1", 7, 2, 3), "bn1"), "relu1");
        x = graph.Builder.Node(
            "MaxPool", "pool1", [x], ("kernel_shape", new[] { 3, 3 }), ("strides", new[] { 2, 2 }), ("pads", new[] { 1, 1, 1, 1 }));
        foreach ((int wide, int stride) in Stages)
        {
            x = Block.Graph(graph, x, $"layers.{wide}a", stride);
            x = Block.Graph(graph, x, $"layers.{wide}b", 1);
        }

        return graph.Classifier(x, "fc");
    }

    private sealed class Block : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> conv1, conv2, bn1, bn2;
        private readonly nn.Module<Tensor, Tensor>? down, downNorm;

        public Block(int from, int to, int stride) : base("block")
        {
            conv1 = nn.Conv2d(from, to, 3, stride: stride, padding: 1, bias: false);
            bn1 = nn.BatchNorm2d(to);
            conv2 = nn.Conv2d(to, to, 3, padding: 1, bias: false);
            bn2 = nn.BatchNorm2d(to);
            if (stride != 1 || from != to)
            {
                down = nn.Conv2d(from, to, 1, stride: stride, bias: false);
                downNorm = nn.BatchNorm2d(to);
            }

            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor y = nn.functional.relu(bn1.call(conv1.call(x)));
            y = bn2.call(conv2.call(y));
            Tensor shortcut = down is null ? x : downNorm!.call(down.call(x));
            return nn.functional.relu(y.add(shortcut)).MoveToOuterDisposeScope();
        }

        public static string Graph(TorchGraph graph, string x, string name, int stride)
        {
            string y = graph.Relu(graph.BatchNorm(graph.Conv(x, $"{name}.conv1", 3, stride, 1), $"{name}.bn1"), $"{name}.relu1");
            y = graph.BatchNorm(graph.Conv(y, $"{name}.conv2", 3, 1, 1), $"{name}.bn2");
            string shortcut = !graph.Has($"{name}.down") ? x
                : graph.BatchNorm(graph.Conv(x, $"{name}.down", 1, stride, 0), $"{name}.downNorm");
            return graph.Relu(graph.Builder.Node("Add", $"{name}.add", [y, shortcut]), $"{name}.relu2");
        }
    }
}
