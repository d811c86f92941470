using System.Runtime.InteropServices;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// What one run has shown to whoever looks for a target in it: values of the tensors at the end of the graph, the size of the picture
/// and where in the input it lies, and the boxes of a detector.
/// </summary>
public sealed class TargetScene
{
    private readonly IReadOnlyDictionary<string, TensorData> _values;

    /// <summary>Makes a scene of tensors in memory.</summary>
    /// <param name="graph">Graph of the model without local functions.</param>
    /// <param name="values">Tensors of the run by name, at least those of <see cref="TargetResolver.Tensors"/>.</param>
    /// <param name="inputSize">Width and height of the input in pixels; the empty size where no input is a picture.</param>
    public TargetScene(OnnxGraph graph, IReadOnlyDictionary<string, TensorData> values, Size inputSize = default)
    {
        (Graph, _values, InputSize) = (graph, values, inputSize);
        Placement = inputSize.Width > 0 ? new PicturePlacement(new Rect(default, inputSize), new Rect(default, inputSize)) : null;
    }

    /// <summary>Graph that the run was of.</summary>
    public OnnxGraph Graph { get; }

    /// <summary>Width and height of the input in pixels; the empty size where no input is a picture.</summary>
    public Size InputSize { get; }

    /// <summary>Part of the picture that the network sees, and where in the input; null without a picture.</summary>
    internal PicturePlacement? Placement { get; init; }

    /// <summary>Boxes of a detector; null where the outputs are not known as a detector's.</summary>
    internal DetectedScene? Detected { get; init; }

    /// <summary>Copies what targets need out of a run.</summary>
    /// <param name="graph">Graph of the model without local functions.</param>
    /// <param name="seen">A run; may be disposed afterwards.</param>
    /// <param name="tensors">Names of the tensors to keep; those that the run does not have are left out.</param>
    /// <param name="picture">Width and height of the picture in pixels; null for a run on tensors.</param>
    public static TargetScene Of(OnnxGraph graph, Activations seen, IEnumerable<string> tensors, Size? picture = null)
    {
        HashSet<string> wanted = [.. tensors];
        var values = new Dictionary<string, TensorData>();
        foreach (Activation tensor in seen.Concat(seen.Outputs).Concat(seen.Inputs))
            if (wanted.Contains(tensor.Name))
                values[tensor.Name] = new TensorData(tensor.ElementType, tensor.Shape, tensor.Raw.ToArray());
        Size input = seen.Preprocessing?.Size ?? SizeOf(seen);
        return picture is { } size && seen.Preprocessing is { } spec
            ? new TargetScene(graph, values, input) { Placement = PicturePlacement.Of(size, spec) }
            : new TargetScene(graph, values, input);
    }

    /// <summary>The same with what a detector has found in the run.</summary>
    internal TargetScene With(DetectedScene detected) => new(Graph, _values, InputSize) { Placement = Placement, Detected = detected };

    /// <summary>Shape of a tensor in this run; null where the run did not keep it.</summary>
    internal TensorShape? ShapeOf(string tensor) => _values.TryGetValue(tensor, out TensorData? value) ? value.Shape
        : Graph.Initializer.TryGetValue(tensor, out OnnxTensor? weight) ? weight.Shape
        : null;

    /// <summary>Values of a tensor as floats; null where the run did not keep it.</summary>
    internal float[]? FloatsOf(string tensor)
    {
        if (Find(tensor) is not { } data || !FloatConversion.CanConvert(data.Type))
            return null;
        float[] values = new float[data.Shape.Count];
        FloatConversion.ToFloat(data.Type, data.Bytes.Span, values);
        return values;
    }

    /// <summary>Whole numbers of a tensor, such as indices; null where the run did not keep it.</summary>
    internal long[]? IntegersOf(string tensor) => Find(tensor) is not { } data ? null : data.Type switch
    {
        ElementType.Int64 => MemoryMarshal.Cast<byte, long>(data.Bytes.Span).ToArray(),
        ElementType.Int32 => Array.ConvertAll(MemoryMarshal.Cast<byte, int>(data.Bytes.Span).ToArray(), value => (long)value),
        _ => FloatsOf(tensor) is { } values ? Array.ConvertAll(values, value => (long)Math.Round(value)) : null,
    };

    private TensorData? Find(string tensor)
    {
        if (_values.TryGetValue(tensor, out TensorData? value))
            return value;
        if (Graph.Initializer.TryGetValue(tensor, out OnnxTensor? weight))
            return weight.HasData ? weight.Load() : null;
        return Graph.Producer(tensor) is { OpType: "Constant" } constant ? ConstantOf(constant) : null;
    }

    private static TensorData? ConstantOf(OnnxNode constant) =>
        constant.Tensor("value")?.Load()
        ?? (constant.Ints("value_ints") is { } numbers ? TensorData.FromArray(numbers, new TensorShape(numbers.Length))
            : constant.HasAttribute("value_int") ? TensorData.FromArray([constant.Int("value_int", 0)], TensorShape.Scalar)
            : null);

    // Tensors were given: the last two axes of the first input of four are the picture's, unless its channels are last.
    private static Size SizeOf(Activations seen)
    {
        foreach (Activation input in seen.Inputs)
            if (input.Shape.Rank == 4)
            {
                bool isLast = input.Shape[3] is 1 or 3 && input.Shape[1] is not (1 or 3);
                return isLast ? new Size((int)input.Shape[2], (int)input.Shape[1]) : new Size((int)input.Shape[3], (int)input.Shape[2]);
            }

        return default;
    }
}
