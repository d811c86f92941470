using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CnnOnnx.Benchmarks.Networks;

/// <summary>YOLOv3 (Redmon and Farhadi 2018) of any width as one would write it in TorchSharp: forward gives the three heads.</summary>
internal sealed class Yolov3 : nn.Module<Tensor, Tensor[]>
{
    private readonly nn.Module<Tensor, Tensor> stem;
    private readonly ModuleList<nn.Module<Tensor, Tensor>> stages = [], necks = [], heads = [], narrows = [];

    public Yolov3(int classes, double width) : base("yolov3")
    {
        int Scaled(int channels) => Math.Max(8, (int)Math.Round(channels * width / 8) * 8);
        stem = new Unit(3, Scaled(32), 3);
        int from = Scaled(32);
        foreach ((int channels, int blocks) in new[] { (64, 1), (128, 2), (256, 8), (512, 8), (1024, 4) })
        {
            int to = Scaled(channels);
            stages.Add(nn.Sequential([new Unit(from, to, 3, 2),
                .. Enumerable.Range(0, blocks).Select(_ => new Residual(to, Scaled(channels / 2)))]));
            from = to;
        }

        foreach ((int channels, int joined) in new[] { (512, 0), (256, 512), (128, 256) })
        {
            (int narrow, int wide) = (Scaled(channels), Scaled(2 * channels));
            narrows.Add(joined == 0 ? nn.Identity() : new Unit(from, narrow, 1));
            int first = joined == 0 ? from : narrow + Scaled(joined);
            necks.Add(nn.Sequential(new Unit(first, narrow, 1), new Unit(narrow, wide, 3), new Unit(wide, narrow, 1),
                new Unit(narrow, wide, 3), new Unit(wide, narrow, 1)));
            heads.Add(nn.Sequential(new Unit(narrow, wide, 3), nn.Conv2d(wide, 3 * (5 + classes), 1)));
            from = narrow;
        }

        RegisterComponents();
    }

    public override Tensor[] forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = stem.call(input);
        var levels = new List<Tensor>();
        foreach (nn.Module<Tensor, Tensor> stage in stages)
            levels.Add(x = stage.call(x));
        var found = new List<Tensor>();
        for (int level = 0; level < heads.Count; level++)
        {
            if (level > 0)
                x = cat([nn.functional.interpolate(narrows[level].call(x), scale_factor: [2, 2]), levels[^(level + 1)]], 1);
            x = necks[level].call(x);
            found.Add(heads[level].call(x).MoveToOuterDisposeScope());
        }

        return [.. found];
    }

    private sealed class Unit : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> conv, norm;

        public Unit(int from, int to, int kernel, int stride = 1) : base("unit")
        {
            conv = nn.Conv2d(from, to, kernel, stride: stride, padding: kernel / 2, bias: false);
            norm = nn.BatchNorm2d(to);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            return nn.functional.leaky_relu(norm.call(conv.call(input)), 0.1).MoveToOuterDisposeScope();
        }
    }

    private sealed class Residual : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> narrow, wide;

        public Residual(int channels, int inside) : base("residual")
        {
            (narrow, wide) = (new Unit(channels, inside, 1), new Unit(inside, channels, 3));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            return input.add(wide.call(narrow.call(input))).MoveToOuterDisposeScope();
        }
    }
}
