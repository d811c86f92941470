using System.Runtime.InteropServices;
using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Operators;

/// <summary>
/// One node with its operands: run by OnnxModule, run by ONNX Runtime, compared. Inputs are named i0, i1 …, outputs o0, o1 …;
/// a null input is left out.
/// </summary>
/// <example><code>
/// new OperatorCheck("Softmax", 13, OperatorCheck.Floats([2, 3], seed: 1)) { Attributes = [("axis", 0)] }.AgreesWithOrt();
/// </code></example>
internal sealed record OperatorCheck(string OpType, int Opset, params TensorData?[] Inputs)
{
    public string Domain { get; init; } = "";

    public (string Name, object Value)[] Attributes { get; init; } = [];

    /// <summary>Indices of inputs that are initializers; the others are graph inputs.</summary>
    public int[] Constants { get; init; } = [];

    /// <summary>Number of outputs of the node.</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>BatchNormalization and Dropout behave as in training.</summary>
    public bool Training { get; init; }

    private IEnumerable<int> Present => Enumerable.Range(0, Inputs.Length).Where(i => Inputs[i] is not null);

    private (string Name, TensorData Value)[] Given => [.. Present.Except(Constants).Select(i => ($"i{i}", Inputs[i]!))];

    public OnnxModel Model()
    {
        var graph = new GraphBuilder(OpType, Opset);
        foreach (int i in Present)
        {
            if (Constants.Contains(i))
                graph.Initializer($"i{i}", Inputs[i]!);
            else
                graph.Input($"i{i}", Inputs[i]!.Type, [.. Inputs[i]!.Shape.Dims.Select(size => (Dimension)size)]);
        }

        string[] outputs = [.. Enumerable.Range(0, Outputs).Select(i => $"o{i}")];
        graph.Node(OpType, Domain, "", Inputs.Select((input, i) => input is null ? "" : $"i{i}"), outputs, Attributes);
        ModelProto proto = graph.Build().Proto;
        if (Domain.Length > 0)
            proto.OpsetImport.Add(new OperatorSetIdProto { Domain = Domain, Version = 1 });
        // Only names: each runtime finds out the types by itself.
        proto.Graph.Output.AddRange(outputs.Select(name => new ValueInfoProto { Name = name }));
        return new OnnxModel(proto, OpType);
    }

    /// <param name="types">Types of the outputs, where TorchSharp's do not say them: unsigned integers that it widens.</param>
    public TensorData[] RunTorch(ElementType[]? types = null)
    {
        using DisposeScope scope = NewDisposeScope();
        OnnxModel model = Model();
        using var module = new OnnxModule(model);
        module.train(Training);
        using (no_grad())
        {
            Tensor[] results = module.Run(
                [.. Given.Select(i => (i.Name, TorchTensors.From(i.Value, CPU)))], [.. model.Graph.Outputs.Select(o => o.Name)]);
            return [.. results.Select((r, i) => TorchTensors.ToData(r, types?[i]))];
        }
    }

    public TensorData[] RunOrt() => OrtReferee.Run(Model(), Given);

    /// <summary>Both runtimes give tensors of the same type, shape and, up to |a−b| ≤ absolute + relative·|b|, values.</summary>
    public void AgreesWithOrt(double relative = 1e-4, double absolute = 1e-5)
    {
        TensorData[] expected = RunOrt(), actual = RunTorch([.. expected.Select(e => e.Type)]);
        for (int i = 0; i < Outputs; i++)
            if (Difference(actual[i], expected[i], relative, absolute) is { } difference)
                Assert.Fail($"{this}: output {i} {difference}");
    }

    /// <summary>Runs cases that are drawn.</summary>
    public static void AllAgreeWithOrt(Gen<OperatorCheck> cases, int count = 100, double relative = 1e-4, double absolute = 1e-5) =>
        Drawn.Check(cases, count, check => check.AgreesWithOrt(relative, absolute), check => check.ToString());

    /// <summary>The model is refused, when it is loaded or when it runs, with an error that says this.</summary>
    public void IsRefused(string message)
    {
        OnnxException fault = Assert.ThrowsExactly<OnnxException>(() => RunTorch());
        Assert.Contains(message, fault.Message);
        Assert.DoesNotContain("\n", fault.Message);
    }

    /// <summary>
    /// Describes what is wrong with a result in one line; null when nothing is. Integers and bools must be equal; NaN equals
    /// NaN.
    /// </summary>
    public static string? Difference(TensorData actual, TensorData expected, double relative, double absolute)
    {
        if (actual.Type != expected.Type || actual.Shape != expected.Shape)
            return $"is {actual.Type.DisplayName()}{actual.Shape}, expected {expected.Type.DisplayName()}{expected.Shape}";
        if (!expected.Type.IsFloatingPoint())
        {
            if (actual.Bytes.Span.SequenceEqual(expected.Bytes.Span))
                return null;
            (relative, absolute) = (0, 0);
        }

        double[] got = Numbers(actual), wanted = Numbers(expected);
        int worst = -1;
        double worstExcess = 0;
        for (int i = 0; i < got.Length; i++)
        {
            if (got[i].Equals(wanted[i]))
                continue;
            double excess = Math.Abs(got[i] - wanted[i]) - (absolute + relative * Math.Abs(wanted[i]));
            if (double.IsNaN(excess))
                excess = double.PositiveInfinity;
            if (excess > worstExcess)
                (worst, worstExcess) = (i, excess);
        }

        return worst < 0 ? null : $"has {got[worst]} at {worst} of {actual.Type.DisplayName()}{actual.Shape}, expected {wanted[worst]}";
    }

    /// <summary>The elements of any number type as doubles.</summary>
    public static double[] Numbers(TensorData data) => data.Type switch
    {
        ElementType.Float => [.. data.As<float>().ToArray().Select(v => (double)v)],
        ElementType.Double => data.As<double>().ToArray(),
        ElementType.Float16 => [.. data.As<Half>().ToArray().Select(v => (double)v)],
        ElementType.BFloat16 => [.. data.As<ushort>().ToArray().Select(v => (double)BitConverter.UInt32BitsToSingle((uint)v << 16))],
        ElementType.Int8 => [.. data.As<sbyte>().ToArray().Select(v => (double)v)],
        ElementType.Int16 => [.. data.As<short>().ToArray().Select(v => (double)v)],
        ElementType.UInt16 => [.. data.As<ushort>().ToArray().Select(v => (double)v)],
        ElementType.Int32 => [.. data.As<int>().ToArray().Select(v => (double)v)],
        ElementType.UInt32 => [.. data.As<uint>().ToArray().Select(v => (double)v)],
        ElementType.Int64 => [.. data.As<long>().ToArray().Select(v => (double)v)],
        ElementType.UInt64 => [.. data.As<ulong>().ToArray().Select(v => (double)v)],
        _ => [.. data.As<byte>().ToArray().Select(v => (double)v)],
    };

    /// <summary>Evenly distributed numbers that depend on the seed only.</summary>
    public static TensorData Floats(long[] shape, int seed, float min = -2, float max = 2) =>
        Fill(ElementType.Float, shape, seed, random => min + (max - min) * random.NextSingle());

    public static TensorData Doubles(long[] shape, int seed, double min = -2, double max = 2) =>
        Fill(ElementType.Double, shape, seed, random => min + (max - min) * random.NextDouble());

    /// <summary>From min to below max.</summary>
    public static TensorData Longs(long[] shape, int seed, long min, long max) =>
        Fill(ElementType.Int64, shape, seed, random => random.NextInt64(min, max));

    /// <summary>From min to below max.</summary>
    public static TensorData Ints(long[] shape, int seed, int min, int max) =>
        Fill(ElementType.Int32, shape, seed, random => random.Next(min, max));

    public static TensorData Bytes(long[] shape, int seed, int min = 0, int max = 256) =>
        Fill(ElementType.UInt8, shape, seed, random => (byte)random.Next(min, max));

    public static TensorData Bools(long[] shape, int seed) => Fill(ElementType.Bool, shape, seed, random => (byte)random.Next(2));

    /// <summary>A one-dimensional int64 tensor, as shapes and axes are.</summary>
    public static TensorData Vector(params long[] values) => TensorData.FromArray(values, new TensorShape(values.Length));

    public static TensorData Scalar(float value) => TensorData.FromArray([value], TensorShape.Scalar);

    public override string ToString()
    {
        IEnumerable<string> operands = Inputs.Select(i => i is null ? "-" : $"{i.Type.DisplayName()}{i.Shape}");
        IEnumerable<string> attributes =
            Attributes.Select(a => a.Value is Array list ? $"{a.Name}=[{string.Join(",", list.Cast<object>())}]" : $"{a.Name}={a.Value}");
        return $"{OpType} (opset {Opset}) on {string.Join(", ", operands)} with {string.Join(", ", attributes)}";
    }

    private static TensorData Fill<T>(ElementType type, long[] dims, int seed, Func<Random, T> next) where T : unmanaged
    {
        var random = new Random(seed);
        var shape = new TensorShape(dims);
        var values = new T[shape.Count];
        foreach (ref T value in values.AsSpan())
            value = next(random);
        return new TensorData(type, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }
}
