using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CnnOnnx.Benchmarks.Networks;

/// <summary>MobileNetV2 1.0 (Sandler et al. 2018) twice: written by hand in TorchSharp, and as the ONNX graph of the same names.</summary>
internal sealed class MobileNetV2 : nn.Module<Tensor, Tensor>
{
    // Expansion, channels, repeats, stride of the first: table 2 of the paper.
    private static readonly (int Expand, int Channels, int Repeats, int Stride)[] Stages =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    private readonly nn.Module<Tensor, Tensor> stem = nn.Conv2d(3, 32, 3, stride: 2, padding: 1, bias: false);
    private readonly nn.Module<Tensor, Tensor> stemNorm = nn.BatchNorm2d(32);
    private readonly Sequential layers;
    private readonly nn.Module<Tensor, Tensor> last = nn.Conv2d(320, 1280, 1, bias: false);
    private readonly nn.Module<Tensor, Tensor> lastNorm = nn.BatchNorm2d(1280);
    private readonly nn.Module<Tensor, Tensor> fc = nn.Linear(1280, 1000);

    public MobileNetV2() : base("mobilenetv2")
    {
        layers = nn.Sequential([.. Blocks().Select(b => (b.Name, (nn.Module<Tensor, Tensor>)new Block(b.From, b.To, b.Expand, b.Stride)))]);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = nn.functional.relu6(stemNorm.call(stem.call(input)));
        x = nn.functional.relu6(lastNorm.call(last.call(layers.call(x))));
        return fc.call(x.mean([2, 3])).MoveToOuterDisposeScope();
    }

    public static OnnxModel Graph(nn.Module weights)
    {
        var graph = new TorchGraph("mobilenetv2", weights);
        string x = graph.Builder.Input("input", ElementType.Float, "N", 3, 224, 224);
        x = graph.Relu6(graph.BatchNorm(graph.Conv(x, "stem", 3, 2, 1), "stemNorm"), "stemRelu");
        foreach ((string name, int from, int to, int expand, int stride) in Blocks())
            x = Block.Graph(graph, x, $"layers.{name}", from, to, expand, stride);
        x = graph.Relu6(graph.BatchNorm(graph.Conv(x, "last", 1, 1, 0), "lastNorm"), "lastRelu");
        return graph.Classifier(x, "fc");
    }

    private static IEnumerable<(string Name, int From, int To, int Expand, int Stride)> Blocks()
    {
        int from = 32;
        foreach ((int expand, int channels, int repeats, int stride) in Stages)
        {
            for (int i = 0; i < repeats; i++)
            {
                yield return ($"{channels}_{i}", from, channels, expand, i == 0 ? stride : 1);
                from = channels;
            }
        }
    }

    private sealed class Block : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor>? wide, wideNorm;
        private readonly nn.Module<Tensor, Tensor> depth, depthNorm, narrow, narrowNorm;
        private readonly bool residual;

        public Block(int from, int to, int expand, int stride) : base("block")
        {
            int hidden = from * expand;
            residual = from == to && stride == 1;
            if (expand > 1)
            {
                wide = nn.Conv2d(from, hidden, 1, bias: false);
                wideNorm = nn.BatchNorm2d(hidden);
            }

            depth = nn.Conv2d(hidden, hidden, 3, stride: stride, padding: 1, groups: hidden, bias: false);
            depthNorm = nn.BatchNorm2d(hidden);
            narrow = nn.Conv2d(hidden, to, 1, bias: false);
            narrowNorm = nn.BatchNorm2d(to);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor y = wide is null ? x : nn.functional.relu6(wideNorm!.call(wide.call(x)));
            y = nn.functional.relu6(depthNorm.call(depth.call(y)));
            y = narrowNorm.call(narrow.call(y));
            return (residual ? x.add(y) : y).MoveToOuterDisposeScope();
        }

        public static string Graph(TorchGraph graph, string x, string name, int from, int to, int expand, int stride)
        {
            string y = expand == 1 ? x
                : graph.Relu6(graph.BatchNorm(graph.Conv(x, $"{name}.wide", 1, 1, 0), $"{name}.wideNorm"), $"{name}.relu1");
            y = graph.Conv(y, $"{name}.depth", 3, stride, 1, groups: from * expand);
            y = graph.Relu6(graph.BatchNorm(y, $"{name}.depthNorm"), $"{name}.relu2");
            y = graph.BatchNorm(graph.Conv(y, $"{name}.narrow", 1, 1, 0), $"{name}.narrowNorm");
            return from == to && stride == 1 ? graph.Builder.Node("Add", $"{name}.add", [x, y]) : y;
        }
    }
}
