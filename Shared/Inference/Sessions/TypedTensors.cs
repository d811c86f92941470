using System.Collections.Immutable;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using Microsoft.ML.OnnxRuntime;
using OpenCvSharp;

namespace CnnOnnx.Inference;

/// <summary>
/// Element types and shapes of tensors inside a model, as ONNX Runtime infers them: for models that are written with more
/// outputs, and for tables of layers.
/// </summary>
/// <param name="Values">Types and shapes, in the order in which it was asked for.</param>
/// <param name="Unknown">Names that are no tensors, or of which nothing can be told.</param>
internal sealed record TypedTensors(IReadOnlyList<OnnxValue> Values, IReadOnlyList<SkippedTensor> Unknown)
{
    /// <param name="model">The model.</param>
    /// <param name="names">Tensors that its nodes make.</param>
    /// <param name="tries">
    /// True to try a run for sizes that cannot be inferred, where the model takes pictures of one size only; they hold for one picture.
    /// </param>
    /// <exception cref="OnnxException">The runtime does not take the model.</exception>
    public static TypedTensors Of(OnnxModel model, IReadOnlyList<string> names, bool tries = false)
    {
        using ExposedSession exposed = ExposedSession.Open(model, names, withOutputs: false, SessionSettings.AsWritten);
        IReadOnlyDictionary<string, NodeMetadata> facts = exposed.Session.OutputMetadata;
        string[] tensors = [.. names.Where(name => facts.TryGetValue(name, out NodeMetadata? found) && found.IsTensor)];

        // The runtime says "no axes" for a scalar and for a rank that it could not infer. A run knows.
        string[] doubtful = [.. tensors.Where(name => facts[name].Dimensions.Length == 0 && ExposedSession.IsReadable(facts[name]))];
        string[] open = !tries || !HasOneSize(model.Graph) ? []
            : [.. tensors.Where(name => ExposedSession.IsReadable(facts[name]) && IsOpen(facts[name]))];
        Dictionary<string, long[]> shapes =
            doubtful.Length + open.Length == 0 ? [] : Shapes(model, exposed.Session, [.. doubtful, .. open]);

        var values = tensors.ToDictionary(name => name, name => From(name, facts[name], shapes, tries));
        foreach (string name in names.Where(name => !facts.ContainsKey(name)))
            if (model.Graph.Declared(name) is { Kind: OnnxValueKind.Tensor, ElementType: not ElementType.Undefined } declared)
                values.Add(name, declared);
        var reasons = exposed.Skipped.ToDictionary(s => s.Name);
        return new TypedTensors(
            [.. names.Where(values.ContainsKey).Select(name => values[name])],
            [.. names.Where(name => !values.ContainsKey(name)).Select(name => reasons[name])]);
    }

    // All but the number of pictures is fixed, so that a run tells no sizes that another one would not have.
    private static bool HasOneSize(OnnxGraph graph) =>
        graph.Inputs.All(input => input.Shape is { } dims && dims.Skip(1).All(dim => dim.Size is not null));

    private static bool IsOpen(NodeMetadata facts) => facts.Dimensions.Where((size, axis) =>
        size < 0 && ToDimension(size, facts.SymbolicDimensions[axis]).Symbol is null).Any();

    private static OnnxValue From(string name, NodeMetadata facts, Dictionary<string, long[]> seen, bool tries)
    {
        long[]? run = seen.GetValueOrDefault(name);
        ImmutableArray<Dimension>? shape = facts.Dimensions.Length > 0
            ? [.. facts.Dimensions.Select((size, axis) => ToDimension(size, facts.SymbolicDimensions[axis]) is { } known
                && known is { Size: null, Symbol: null } && run?.Length == facts.Dimensions.Length ? new Dimension(run[axis]) : known)]
            : run is not null ? [.. run.Select(size => new Dimension(tries ? size : null))]
            : facts.IsString ? ImmutableArray<Dimension>.Empty : null;
        return new OnnxValue { Name = name, Kind = OnnxValueKind.Tensor, ElementType = ExposedSession.TypeOf(facts), Shape = shape };
    }

    // The runtime makes up symbols such as unk__7 for what it cannot name.
    private static Dimension ToDimension(int size, string symbol) => size >= 0 ? size
        : symbol.Length > 0 && !symbol.StartsWith("unk__", StringComparison.Ordinal) ? symbol
        : new Dimension(null);

    /// <summary>Shapes from a run on a black picture, or on zeros; empty when the model does not run on that.</summary>
    private static Dictionary<string, long[]> Shapes(OnnxModel model, InferenceSession session, string[] names)
    {
        try
        {
            using var binder = new InputBinder(model, null);
            using var black = new Mat(240, 320, MatType.CV_8UC3, Scalar.Black);
            using RunInputs inputs = binder.PictureInput is null
                ? binder.OfTensors(new Dictionary<string, TensorData>())
                : binder.OfPictures([black], null);
            using var run = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, inputs.Values, names);
            return names.Select((name, i) => (name, results[i].GetTensorTypeAndShape().Shape)).ToDictionary();
        }
        catch (Exception fault) when (fault is OnnxRuntimeException or BadInputException)
        {
            return [];
        }
    }
}
