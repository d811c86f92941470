using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Inference;

[TestClass]
public sealed class PreprocessingGuessTests
{
    private const double ImageNetMean = 0.449, ImageNetStd = 0.226;

    // Real models, and what their authors feed them with, as the notes beside them say. FastestDet and the MNIST net of CNTK want what
    // cannot be seen in the file: blue first, and white digits on black.
    [TestMethod]
    [DataRow("classification/SqueezeNet_fp16.onnx", "224x224 bgr, crop, 0..255, mean [104, 117, 123]", "exported from Caffe")]
    [DataRow("classification/fashion_mnist_cnn.onnx", "28x28 gray, stretch, 0..1", "nothing in the file tells")]
    [DataRow("classification/lenet5_mnist_lenet.onnx", "28x28 gray, stretch, 0..1", "nothing in the file tells")]
    [DataRow("classification/mobilenet_v2_torchvisionV2_qdq_int8.onnx", ImageNet, "classifier of 1000 classes")]
    [DataRow("classification/mobilenetv2-12-qdq.onnx", ImageNet, "quantised input holds -2.13 to 2.63")]
    [DataRow("classification/ort_mnist_cntk.onnx", "28x28 gray, stretch, 0..255", "exported from CNTK")]
    [DataRow("classification/resnet18_imagenet_backbone.onnx", "224x224 bgr, crop, 0..255, mean [104, 117, 123]", "deviation 67")]
    [DataRow("classification/resnet18_imagenet_preprocess.onnx", "224x224 rgb, stretch, 0..255", "takes 103, 116, 123 away")]
    [DataRow("classification/resnet20_cifar10.onnx",
        "32x32 rgb, stretch, 0..1, mean [0.485, 0.456, 0.406], std [0.229, 0.224, 0.225]", "running statistics")]
    [DataRow("classification/squeezenet_customvision_tensor_input.onnx", "227x227 bgr, stretch, 0..255", "takes 104, 117, 123 away")]
    [DataRow("classification/winml_cifar10_ImageClassifier.onnx", "32x32 rgb, stretch, 0..1, mean [0.5, 0.5, 0.5], std [0.5, 0.5, 0.5]",
        "no brightness")]
    [DataRow("detection/FastestDet.onnx", "352x352 rgb, stretch, 0..1", "take away a mean of 0.38")]
    [DataRow("detection/ultraface_version-RFB-320.onnx", Centred240, "running statistics")]
    [DataRow("detection/ultraface_version-RFB-320_simplified.onnx", Centred240, "no brightness")]
    [DataRow("detection/ultraface_version-slim-320.onnx", Centred240, "running statistics")]
    [DataRow("detection/yunet_n_320_320.onnx", "320x320 bgr, stretch, 0..255", "YuNet")]
    [DataRow("detection/yunet_n_dynamic.onnx", "320x320 bgr, stretch, 0..255", "YuNet")]
    [DataRow("style-transfer/candy.onnx", "720x720 bgr, stretch, 0..255", "takes 104, 117, 124 away")]
    [DataRow("super-resolution/pytorch_super_resolution.onnx", "224x224 gray, stretch, 0..1", "nothing in the file tells")]
    public void Of_RealModels_IsWhatTheyWant(string file, string expected, string reason)
    {
        var model = OnnxModel.Read(SharedData.Require(["onnx-models", .. file.Split('/')]));
        PreprocessingGuess guess = PreprocessingGuess.Of(model)!;
        Assert.AreEqual(expected, PreprocessingGuess.SpecOf(model, PictureInput.Find(model.Graph)!, new Size(320, 320)).ToString());
        StringAssert.Contains(guess.Reason, reason);
    }

    private const string ImageNet = "224x224 rgb, crop of 256x256, 0..1, mean [0.485, 0.456, 0.406], std [0.229, 0.224, 0.225]";

    private const string Centred240 = "240x320 rgb, stretch, 0..1, mean [0.5, 0.5, 0.5], std [0.5, 0.5, 0.5]";

    [TestMethod]
    public void Of_MeanAndStdInside_IsUnit()
    {
        PreprocessingGuess guess = PreprocessingGuess.Of(OnnxModel.Read(SharedData.RequireCase("mean-and-std-inside.onnx")))!;
        Assert.AreEqual("guessed 'unit' because Sub '/norm/Sub' in the graph itself takes 0.49, 0.46, 0.41 away and divides by 0.23, "
            + "0.22, 0.22", guess.ToString());
    }

    [TestMethod]
    [DataRow("Div", 255f, "raw255")]
    [DataRow("Mul", 1 / 255f, "raw255")]
    [DataRow("Sub", 127.5f, "raw255")]
    [DataRow("Sub", 0.5f, "unit")]
    public void Of_ShiftOrScaleInFront_IsTheRangeBeforeIt(string op, float constant, string expected)
    {
        var graph = new GraphBuilder("m");
        string x = graph.Input("x", ElementType.Float, 1, 3, 64, 64);
        string by = graph.Initializer("by", TensorData.FromArray([constant], new TensorShape(1)));
        graph.Output(graph.Node("Relu", "y", [graph.Node(op, "n", [x, by])]), ElementType.Float, 1, 3, 64, 64);
        Assert.AreEqual(expected, PreprocessingGuess.Of(graph.Build())!.Preset);
    }

    [TestMethod]
    [DataRow("author=Ultralytics;task=detect", "yolo", ResizeMode.Letterbox)]
    [DataRow("stride=32;names={0: 'a'}", "yolo", ResizeMode.Letterbox)]
    [DataRow("author=Ultralytics;task=classify", "unit", ResizeMode.Crop)]
    [DataRow("Image.NominalPixelRange=NominalRange_0_255;Image.BitmapPixelFormat=Bgr8", "raw255", ResizeMode.Stretch)]
    [DataRow("Image.NominalPixelRange=Normalized_1_1", "tf", ResizeMode.Stretch)]
    public void Of_Metadata_IsBelieved(string metadata, string preset, ResizeMode resize)
    {
        PreprocessingGuess guess = PreprocessingGuess.Of(Plain(3, "", metadata))!;
        Assert.AreEqual((preset, resize), (guess.Preset, guess.Resize));
        Assert.AreEqual(metadata.Contains("Bgr", StringComparison.Ordinal) ? ChannelOrder.Bgr : null, guess.Order);
    }

    [TestMethod]
    [DataRow("onnx-caffe2", 3, "caffe")]
    [DataRow("onnx-caffe2", 1, "raw255")]
    [DataRow("CNTK", 3, "raw255")]
    [DataRow("NVIDIA TensorRT sample", 3, "yolo")]
    [DataRow("pytorch", 3, "unit")]
    public void Of_Exporters_StandForTheirWay(string producer, int channels, string expected) =>
        Assert.AreEqual(expected, PreprocessingGuess.Of(Plain(channels, producer, ""))!.Preset);

    // A convolution that was trained on pictures made in a known way: the running statistics behind it are those of its answers to them.
    [TestMethod]
    [DataRow("unit", 0.45, 0.25)]
    [DataRow("raw255", 115.0, 64.0)]
    [DataRow("caffe", 0.0, 64.0)]
    [DataRow("tf", -0.1, 0.5)]
    [DataRow("imagenet", (0.45 - ImageNetMean) / ImageNetStd, 0.25 / ImageNetStd)]
    public void Of_StatisticsBehindTheFirstConvolution_TellTheRange(string expected, double mean, double deviation)
    {
        var random = new Random(3);
        const int kernels = 16, size = 3 * 3 * 3;
        float[] weights = [.. Enumerable.Range(0, kernels * size).Select(_ => (float)(random.NextDouble() - 0.4))];
        var means = new float[kernels];
        var variances = new float[kernels];
        for (int k = 0; k < kernels; k++)
        {
            float sum = weights.AsSpan(k * size, size).ToArray().Sum();
            // Pixels that are all alike: a little more than photographs vary together.
            (means[k], variances[k]) = ((float)(sum * mean), (float)(sum * sum * deviation * deviation) + 1e-6f);
        }

        var graph = new GraphBuilder("m");
        string x = graph.Input("x", ElementType.Float, 1, 3, 64, 64);
        string c = graph.Node("Conv", "c", [x, Values("w", weights, kernels, 3, 3, 3)]);
        string[] numbers = [Values("g", [.. Enumerable.Repeat(1f, kernels)], kernels),
            Values("b", new float[kernels], kernels), Values("m", means, kernels), Values("v", variances, kernels)];
        graph.Output(graph.Node("BatchNormalization", "y", [c, .. numbers]), ElementType.Float);
        Assert.AreEqual(expected, PreprocessingGuess.Of(graph.Build())!.Preset);

        string Values(string name, float[] values, params ReadOnlySpan<long> shape) =>
            graph.Initializer(name, TensorData.FromArray(values, new TensorShape(shape)));
    }

    // Statistics as before any training tell nothing; 1000 outputs of a large picture do, and get ImageNet's names, aloud.
    [TestMethod]
    public void Of_UntrainedClassifier_IsImageNetByItsOutputs()
    {
        var graph = new GraphBuilder("m");
        string x = graph.Input("x", ElementType.Float, 1, 3, 224, 224);
        string c = graph.Node("Conv", "c", [x, Filled("w", 0.01f, 1000, 3, 1, 1)]);
        string b = graph.Node("BatchNormalization", "b", [c, Filled("g", 1, 1000), Filled("o", 0, 1000), Filled("m", 0, 1000),
            Filled("v", 1, 1000)]);
        graph.Output(graph.Node("GlobalAveragePool", "y", [b]), ElementType.Float, 1, 1000, 1, 1);
        OnnxModel model = graph.Build();
        PreprocessingGuess guess = PreprocessingGuess.Of(model)!;
        Assert.AreEqual(("imagenet", true, ResizeMode.Crop), (guess.Preset, guess.IsImageNet, guess.Resize));
        OutputNames names = OutputNames.Of(model, null)!;
        Assert.AreEqual(("tench", "class names: ImageNet's are assumed for 1000 outputs"),
            (names.Labels[0], names.Remark));

        string Filled(string name, float value, params ReadOnlySpan<long> shape)
        {
            var dims = new TensorShape(shape);
            return graph.Initializer(name, TensorData.FromArray([.. Enumerable.Repeat(value, (int)dims.Count)], dims));
        }
    }

    [TestMethod]
    public void Guess_OfASession_IsSilentWhereOptionsSayEverything()
    {
        OnnxModel model = Plain(3, "onnx-caffe2", "");
        using var guessed = ActivationSession.Open(model, new ActivationOptions
        {
            Preprocessing = spec => spec with { Size = new(64, 64) },
        });
        Assert.AreEqual("caffe", guessed.Guess?.Preset);
        using var said = ActivationSession.Open(model, new ActivationOptions
        {
            Preprocessing = spec => InputPresets.Parse("unit") with { Size = spec.Size },
        });
        Assert.IsNull(said.Guess);
        using var picture = new Mat(64, 64, MatType.CV_8UC3, new Scalar(10, 20, 30));
        using Activations seen = guessed.Run(picture);
        Assert.AreEqual("64x64 bgr, stretch, 0..255, mean [104, 117, 123]", seen.Preprocessing!.ToString());
        Assert.AreEqual("guessed 'caffe' because it was exported from Caffe (onnx-caffe2)", seen.Guess!.ToString());
        CollectionAssert.AreEqual(new[] { 10f - 104, 20f - 117, 30f - 123 },
            new[] { seen[0].Values[0], seen[0].Values[64 * 64], seen[0].Values[2 * 64 * 64] });
    }

    private static OnnxModel Plain(int channels, string producer, string metadata)
    {
        var graph = new GraphBuilder("m");
        string x = graph.Input("x", ElementType.Float, 1, channels, 64, 64);
        graph.Output(graph.Node("Identity", "y", [x]), ElementType.Float, 1, channels, 64, 64);
        ModelProto proto = graph.Build().Proto.Clone();
        (proto.ProducerName, proto.ProducerVersion) = (producer, "");
        foreach (string[] entry in metadata.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(text => text.Split('=')))
            proto.MetadataProps.Add(new StringStringEntryProto { Key = entry[0], Value = entry[1] });
        return new OnnxModel(proto, "m");
    }
}
