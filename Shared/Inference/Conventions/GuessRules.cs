using System.Globalization;
using CnnOnnx.Imaging;
using CnnOnnx.Tensors;

namespace CnnOnnx.Inference;

/// <summary>
/// The table of what speaks for which preprocessing, the strongest evidence first: the first rule that has an answer wins.
/// </summary>
internal static class GuessRules
{
    // Deviation of photographs whose white is 255 and 1: 65 and 0.26. Everything that divides it stays far below the first.
    private const double LeastOf255 = 20;

    // Photographs have a mean of 1.8 deviations; what was centred on them has one of less than this.
    private const double MostOfCentred = 0.6;

    // Between 0.5 with pictures from −1 to 1 and 1.1 with those divided by ImageNet's deviation: the geometric mean.
    private const double LeastOfImageNet = 0.75;

    // Standard errors beyond which a mean is believed.
    private const double Certain = 3;

    private static readonly Func<GuessFacts, Verdict?>[] Rules =
    [
        Integers, Ultralytics, Denoted, NormalizedInside, QuantizedInput, Statistics, YuNet, Exporter, WholePixels, ImageNet, Bright,
        Centred,
    ];

    /// <summary>Outputs of the face detector YuNet, which OpenCV feeds.</summary>
    private static readonly string[] YuNetOutputs = ["cls_8", "obj_8", "bbox_8", "kps_8"];

    // Exporters that stand for one way of feeding pictures: the beginning of the producer's name → preset, order, and why.
    private static readonly (string Producer, string Preset, ChannelOrder? Order, string Reason)[] Exporters =
    [
        ("onnx-caffe2", "caffe", null, "it was exported from Caffe"),
        ("caffe", "caffe", null, "it was exported from Caffe"),
        ("CNTK", "raw255", ChannelOrder.Bgr, "it was exported from CNTK, which reads pictures from 0 to 255, blue first"),
        ("OnnxMLTools", "raw255", null, "it was converted from Core ML, which feeds pictures from 0 to 255"),
        ("coremltools", "raw255", null, "it was converted from Core ML, which feeds pictures from 0 to 255"),
        ("TLC", "raw255", null, "it was exported from ML.NET, which reads pictures from 0 to 255"),
        ("ML.NET", "raw255", null, "it was exported from ML.NET, which reads pictures from 0 to 255"),
        ("NVIDIA TensorRT sample", "yolo", null, "it was converted from Darknet"),
        ("darknet", "yolo", null, "it was converted from Darknet"),
        ("PaddlePaddle", "imagenet", null, "it was exported from PaddlePaddle, whose models take pictures as torchvision's do"),
    ];

    /// <summary>Gives the answer of the first rule that has one.</summary>
    public static Verdict Judge(GuessFacts facts) => Rules.Select(rule => rule(facts)).FirstOrDefault(verdict => verdict is not null)
        ?? new Verdict("unit", "nothing in the file tells what it wants, and most networks take 0 to 1");

    private static Verdict? Integers(GuessFacts facts) => facts.Input.Type.IsFloatingPoint() ? null
        : new Verdict("raw255", $"its input is {facts.Input.Type.DisplayName()}");

    private static Verdict? Ultralytics(GuessFacts facts)
    {
        IReadOnlyDictionary<string, string> metadata = facts.Model.Metadata;
        bool isSigned = metadata.GetValueOrDefault("author") == "Ultralytics"
            || (metadata.ContainsKey("stride") && metadata.ContainsKey("names"));
        return isSigned && metadata.GetValueOrDefault("task") == "classify"
                ? new Verdict("unit", "its metadata says that Ultralytics exported it as a classifier") { Resize = ResizeMode.Crop }
            : isSigned ? new Verdict("yolo", "its metadata says that Ultralytics exported it") { Resize = ResizeMode.Letterbox }
            : facts is { Input.Name: "images", IsClassifier: false, IsGray: false }
                ? new Verdict("yolo", "its input is called 'images', as YOLOv5 and what followed call it") { Resize = ResizeMode.Letterbox }
            : null;
    }

    // ONNX names metadata by which a model may say what its pictures are.
    private static Verdict? Denoted(GuessFacts facts)
    {
        string format = facts.Model.Metadata.GetValueOrDefault("Image.BitmapPixelFormat", "");
        string range = facts.Model.Metadata.GetValueOrDefault("Image.NominalPixelRange", "");
        string? preset = range switch
        {
            "NominalRange_0_255" => "raw255",
            "Normalized_0_1" => "unit",
            "Normalized_1_1" => "tf",
            _ => null,
        };
        return preset is null ? null : new Verdict(preset, $"its metadata says Image.NominalPixelRange {range}")
        {
            Order = format.StartsWith("Bgr", StringComparison.OrdinalIgnoreCase) ? ChannelOrder.Bgr : null,
        };
    }

    private static Verdict? NormalizedInside(GuessFacts facts)
    {
        if (facts.Start is not { Mean: { } mean, Std: { } std })
            return null;
        (double middle, double width) = (Math.Abs(mean.Average()), Math.Abs(std.Average()));
        string what = $"{facts.Start.By} in the graph itself takes {Listed(mean)} away and divides by {Listed(std)}";
        ChannelOrder? order = facts.Start.IsReordered ? null : OrderOf(mean);
        return middle > LeastOf255 || width > LeastOf255 ? new Verdict("raw255", what) { Order = order }
            : middle is > 0.2 and < 0.8 || (middle < 0.2 && width < 0.5) ? new Verdict("unit", what)
            : null;
    }

    private static Verdict? QuantizedInput(GuessFacts facts)
    {
        if (facts.Start.Quantized is not var (low, high))
            return null;
        string what = $"its quantised input holds {Short(low)} to {Short(high)}";
        return (low, high) switch
        {
            ( > -0.1, > 0.8 and < 1.3) => new Verdict("unit", what),
            ( > -10, > 200 and < 300) => new Verdict("raw255", what),
            ( > -1.3 and < -0.8, > 0.8 and < 1.3) => new Verdict("tf", what),
            ( > -140 and < -90, > 110 and < 170) => new Verdict("caffe", what),
            // (0 − 0.485) / 0.229 = −2.1 and (1 − 0.406) / 0.225 = 2.6
            ( > -2.5 and < -1.8, > 2.2 and < 3) => new Verdict("imagenet", what),
            _ => null,
        };
    }

    private static Verdict? Statistics(GuessFacts facts)
    {
        if (facts.First is not { HasStatistics: true, Mean: { } mean, Deviation: var deviation })
            return null;
        string what = $"the running statistics behind its first convolution are those of pictures of mean {Listed(mean)} and "
            + $"deviation {Short(deviation)}";
        // Drawn digits are mostly black: their mean tells nothing.
        if (facts.IsGray)
            return new Verdict(deviation > LeastOf255 ? "raw255" : mean[0] < -MostOfCentred * deviation ? "tf" : "unit", what);
        bool isCentred = mean.All(m => Math.Abs(m) < MostOfCentred * deviation);
        return (deviation > LeastOf255, isCentred) switch
        {
            (true, true) => new Verdict("caffe", what),
            (true, false) => new Verdict("raw255", what) { Order = OrderOf(mean) },
            (false, false) => new Verdict("unit", what) { Order = OrderOf(mean) },
            _ => new Verdict(deviation > LeastOfImageNet ? "imagenet" : "tf", what),
        };
    }

    private static Verdict? YuNet(GuessFacts facts) => YuNetOutputs.All(name => facts.Model.Graph.Outputs.Any(o => o.Name == name))
        ? new Verdict("raw255", "its outputs are those of the face detector YuNet, which OpenCV feeds with its own pictures")
        {
            Order = ChannelOrder.Bgr,
        }
        : null;

    private static Verdict? Exporter(GuessFacts facts)
    {
        foreach ((string producer, string preset, ChannelOrder? order, string reason) in Exporters)
            if (facts.Model.Producer.StartsWith(producer, StringComparison.OrdinalIgnoreCase))
                return new Verdict(facts.IsGray && preset == "caffe" ? "raw255" : preset, $"{reason} ({facts.Model.Producer})")
                {
                    Order = order,
                };
        return facts.Scores == 1001 || (facts.IsImageNet && facts.Input.Axes.ChannelsLast)
            ? new Verdict(facts.First?.Deviation > LeastOf255 ? "caffe" : "tf", facts.Scores == 1001
                ? "it has 1001 outputs, ImageNet's classes and the background, as TensorFlow's classifiers have"
                : "it is a classifier of 1000 classes with the channels last, as TensorFlow has them")
            : null;
    }

    private static Verdict? WholePixels(GuessFacts facts)
    {
        if (facts.First is not { HasStatistics: false, Deviation: > LeastOf255, Significance: var significance })
            return null;
        bool isBright = significance > Certain;
        return new Verdict(isBright || facts.IsGray ? "raw255" : "caffe",
            $"its first convolution has weights for pictures from 0 to 255{(isBright ? "" : " around a mean of 0")}");
    }

    private static Verdict? ImageNet(GuessFacts facts)
    {
        if (!facts.IsImageNet)
            return null;
        string by = facts.Model.Producer.Length > 0 ? $" by {facts.Model.Producer}" : "";
        return new Verdict("imagenet", $"it is a classifier of {facts.Scores} classes{by}, and nothing in the file speaks against "
            + "ImageNet's mean and deviation");
    }

    private static Verdict? Bright(GuessFacts facts) =>
        !facts.IsGray && facts.First is { HasStatistics: false, Significance: > Certain, Mean: [var mean] }
            ? new Verdict("unit", $"the biases of its first convolution take away a mean of {Short(mean)}, as of pictures from 0 to 1")
            : null;

    private static Verdict? Centred(GuessFacts facts) =>
        !facts.IsGray && facts.First is { HasStatistics: false, Significance: < -Certain }
            ? new Verdict("tf", "the biases of its first convolution take away no brightness, as with pictures from -1 to 1")
            : null;

    // Photographs have more red than blue.
    private static ChannelOrder? OrderOf(double[] mean) => mean is not [var first, _, var last] ? null
        : last > 1.05 * first ? ChannelOrder.Bgr
        : null;

    private static string Listed(double[] numbers) => numbers.Distinct().Count() == 1 ? Short(numbers[0])
        : string.Join(", ", numbers.Select(Short));

    private static string Short(double number) =>
        // A negative zero would be written as one.
        (Math.Round(number, Math.Abs(number) >= 10 ? 0 : 2) + 0.0).ToString(CultureInfo.InvariantCulture);

    /// <summary>Answer of a rule.</summary>
    /// <param name="Preset">Name of a preset.</param>
    /// <param name="Reason">The evidence, as the end of a sentence that begins with "because".</param>
    internal sealed record Verdict(string Preset, string Reason)
    {
        /// <summary>Order of the channels; the preset's where nothing tells.</summary>
        public ChannelOrder? Order { get; init; }

        /// <summary>Way of resizing; where the rule does not know, classifiers crop and others stretch.</summary>
        public ResizeMode? Resize { get; init; }
    }
}
