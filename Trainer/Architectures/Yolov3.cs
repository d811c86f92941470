using CnnOnnx.Imaging;
using CnnOnnx.Torch.Training;

namespace CnnOnnx.Trainer.Architectures;

/// <summary>
/// YOLOv3: Darknet-53 and three heads, for things of three sizes, in the order of Darknet's yolov3.cfg, whose weights fit by their place.
/// <code>
/// backbone.stem ─ .1 ─ .2 ─ .3 ──────── .4 ──────── .5        sides 1/2 … 1/32; .3.0 is the first residual sum of the third
///                           │           │            │
///        head.8 ◀─ neck.8 ◀─┴─ neck.16 ◀┴── neck.32 ◀┘        joined with what comes from below, twice as large
///                              └▶ head.16   └▶ head.32        raw numbers [N, 3·(5 + classes), H, W]
/// </code>
/// Redmon and Farhadi: https://arxiv.org/abs/1804.02767
/// </summary>
internal static class Yolov3
{
    public const string Name = "yolov3";

    private const int StemChannels = 32, LeastChannels = 8, AnchorsPerHead = 3, BoxNumbers = 5, Joined = 2;
    private const float Slope = 0.1f;

    // The paper's table 1: channels and residual blocks of each stage, which begins with halving the sides.
    private static readonly (int Channels, int Blocks)[] Stages = [(64, 1), (128, 2), (256, 8), (512, 8), (1024, 4)];

    // Stride, narrow channels, the stage that a head gets, and its anchors of the nine, which go from the smallest up.
    private static readonly (int Stride, int Channels, int Stage, int[] Anchors)[] Levels =
        [(32, 512, 5, [6, 7, 8]), (16, 256, 4, [3, 4, 5]), (8, 128, 3, [0, 1, 2])];

    /// <param name="name">Name of the row.</param>
    /// <param name="width">Factor of all channels; there are no fewer than 8.</param>
    public static Architecture Row(string name, double width) => new(name, (net, x, classes) => Layers(net, x, classes, width))
    {
        Summary = "YOLOv3, which finds boxes, for RGB 416x416; yolov3-0.25 has a quarter of the width",
        Input = new InputSpec { Size = new(416, 416), Resize = ResizeMode.Letterbox },
        Anchors = new BoxOptions { Anchors = BoxOptions.Paper }.Sizes()!,
        Step = Levels[0].Stride,
        Recipe = DetectorTraining.Usual,
    };

    private static GraphTensor Layers(Blocks net, GraphTensor input, int classes, double width)
    {
        int Scaled(int channels) => Math.Max(LeastChannels, (int)Math.Round(channels * width / LeastChannels) * LeastChannels);
        GraphTensor x = Unit(net, input, "backbone.stem", Scaled(StemChannels), kernel: 3);
        var stages = new List<GraphTensor>();
        foreach ((int channels, int blocks) in Stages)
        {
            string stage = $"backbone.{stages.Count + 1}";
            x = Unit(net, x, stage + ".down", Scaled(channels), kernel: 3, stride: 2);
            for (int i = 0; i < blocks; i++)
            {
                string block = $"{stage}.{i}";
                GraphTensor narrow = Unit(net, x, block + ".narrow", Scaled(channels / 2), kernel: 1);
                x = net.Add(x, Unit(net, narrow, block + ".wide", Scaled(channels), kernel: 3), block);
            }

            stages.Add(x = net.Ends(x, $"backbone_block{stages.Count + 1}"));
        }

        foreach ((int stride, int channels, int stage, int[] anchors) in Levels)
        {
            string neck = $"neck.{stride}";
            (int narrow, int wide) = (Scaled(channels), Scaled(2 * channels));
            // the deepest level has nothing below it
            if (stage < Stages.Length)
            {
                x = net.Upsample(Unit(net, x, neck + ".narrow", narrow, kernel: 1), neck + ".up", Joined);
                x = net.Concat(neck + ".joined", x, stages[stage - 1]);
            }

            for (int i = 0; i < 5; i++)
                x = i % 2 == 0 ? Unit(net, x, $"{neck}.{i}", narrow, kernel: 1) : Unit(net, x, $"{neck}.{i}", wide, kernel: 3);
            GraphTensor last = Unit(net, x, $"head.{stride}.wide", wide, kernel: 3);
            int numbers = AnchorsPerHead * (BoxNumbers + classes);
            net.Ends(net.IsHead(net.Conv(last, $"head.{stride}", numbers, kernel: 1), anchors), $"head_{stride}");
        }

        return x;
    }

    /// <summary>A convolution, its normalisation and its activation, which has the name.</summary>
    private static GraphTensor Unit(Blocks net, GraphTensor x, string name, int channels, int kernel, int stride = 1)
    {
        GraphTensor y = net.Conv(x, name + ".conv", channels, kernel, stride, kernel / 2, bias: false);
        return net.LeakyRelu(net.BatchNorm(y, name + ".norm"), name, Slope);
    }
}
