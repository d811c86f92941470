using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Compare;

/// <summary>
/// Reads tensors of two models side by side: in one order of the axes, quantised ones as the real numbers that they stand for.
/// </summary>
/// <param name="a">Graph of the first tensors; null for recorded ones, which are no quantised tensors.</param>
/// <param name="b">Graph of the second tensors.</param>
internal sealed class PairedValues(OnnxGraph? a, OnnxGraph b)
{
    private readonly Quantization _ofA = new(a), _ofB = new(b);
    private float[] _scratchA = [], _scratchB = [], _turned = [];

    /// <summary>The values of a pair in A's order; valid until the next call.</summary>
    /// <param name="left">A tensor of the first model.</param>
    /// <param name="right">A tensor of the second model.</param>
    /// <param name="valuesA">Its values.</param>
    /// <param name="valuesB">The values of the second in the order of the first.</param>
    /// <returns>False where the shapes of this run do not fit.</returns>
    public bool TryRead(SideTensor left, SideTensor right, out ReadOnlySpan<float> valuesA, out ReadOnlySpan<float> valuesB)
    {
        valuesA = default;
        valuesB = default;
        if (LayoutMatch.Between(left.Shape, right.Shape) is not { } order)
            return false;
        valuesA = _ofA.Real(left.Name, left.ElementType, left.Values, ref _scratchA);
        valuesB = _ofB.Real(right.Name, right.ElementType, right.Values, ref _scratchB);
        if (order != ValueOrder.Same)
            valuesB = Turned(valuesB, right.Shape, order == ValueOrder.ChannelsLastInB, ref _turned);
        return true;
    }

    /// <summary>A tensor of the first model as the second would hold it: its order of axes, its type, its quantisation.</summary>
    /// <exception cref="BadInputException">The second holds more or fewer numbers.</exception>
    public TensorData AsInB(SideTensor left, string nameB, TensorShape shape, ElementType type)
    {
        if (left.Shape.Count != shape.Count)
            throw new BadInputException($"'{left.Name}' is {left.Shape} and '{nameB}' is {shape}");
        ReadOnlySpan<float> values = _ofA.Real(left.Name, left.ElementType, left.Values, ref _scratchA);
        if (LayoutMatch.Between(left.Shape, shape) is { } order && order != ValueOrder.Same)
            values = Turned(values, left.Shape, order == ValueOrder.ChannelsLastInA, ref _turned);
        return new TensorData(type, shape, _ofB.Stored(nameB, type, values));
    }

    /// <summary>A result of the second model as the first would hold it.</summary>
    /// <exception cref="BadInputException">The first holds more or fewer numbers.</exception>
    public TensorData AsInA(SideTensor right, TensorPair pair, TensorShape shape, ElementType type)
    {
        if (right.Shape.Count != shape.Count)
            throw new BadInputException($"'{pair.A}' is {shape} and '{pair.B}' is {right.Shape}");
        ReadOnlySpan<float> values = _ofB.Real(pair.B, right.ElementType, right.Values, ref _scratchB);
        if (LayoutMatch.Between(shape, right.Shape) is { } order && order != ValueOrder.Same)
            values = Turned(values, right.Shape, order == ValueOrder.ChannelsLastInB, ref _turned);
        return new TensorData(type, shape, _ofA.Stored(pair.A, type, values));
    }

    /// <summary>Moves the channels of [N, H, W, C] to the second axis, or of [N, C, H, W] to the last.</summary>
    internal static ReadOnlySpan<float> Turned(ReadOnlySpan<float> values, TensorShape shape, bool isChannelsLast, ref float[] room)
    {
        int samples = (int)shape[0], area, channels;
        (area, channels) = isChannelsLast ? ((int)(shape[1] * shape[2]), (int)shape[3]) : ((int)(shape[2] * shape[3]), (int)shape[1]);
        if (room.Length < values.Length)
            room = new float[values.Length];
        (int rows, int columns) = isChannelsLast ? (area, channels) : (channels, area);
        for (int n = 0; n < samples; n++)
        {
            int start = n * area * channels;
            for (int r = 0; r < rows; r++)
                for (int c = 0; c < columns; c++)
                    room[start + c * rows + r] = values[start + r * columns + c];
        }

        return room.AsSpan(0, values.Length);
    }
}

/// <summary>Scales and zero points of the quantised tensors of a graph.</summary>
internal sealed class Quantization
{
    private readonly Dictionary<string, (float Scale, float Zero)> _steps = [];

    public Quantization(OnnxGraph? graph)
    {
        foreach (OnnxNode node in graph?.Nodes ?? [])
        {
            // Scale and zero point of the output stand last, before what is optional.
            int place = node.OpType switch
            {
                "QuantizeLinear" => 1,
                "QLinearConv" or "QLinearMatMul" or "QLinearAdd" or "QLinearMul" => 6,
                "QLinearGlobalAveragePool" or "QLinearAveragePool" or "QLinearSigmoid" or "QLinearLeakyRelu" or "QLinearSoftmax" => 3,
                "QLinearConcat" => 0,
                _ => -1,
            };
            if (place >= 0)
                Take(graph!, node, place, node.Outputs[0]);
            if (node.OpType == "DequantizeLinear")
                Take(graph!, node, 1, node.Inputs[0]);
        }
    }

    /// <summary>True when a tensor of the graph is quantised.</summary>
    public bool Any => _steps.Count > 0;

    /// <summary>The size of one step of a quantised tensor; null for others.</summary>
    public float? StepOf(string tensor) => _steps.TryGetValue(tensor, out (float Scale, float Zero) step) ? step.Scale : null;

    /// <summary>The real numbers that a tensor stands for.</summary>
    public ReadOnlySpan<float> Real(string tensor, ElementType type, ReadOnlySpan<float> values, ref float[] room)
    {
        if (type.IsFloatingPoint() || !_steps.TryGetValue(tensor, out (float Scale, float Zero) step))
            return values;
        if (room.Length < values.Length)
            room = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
            room[i] = (values[i] - step.Zero) * step.Scale;
        return room.AsSpan(0, values.Length);
    }

    /// <summary>Bytes of real numbers in a tensor's type: rounded to its steps where it is quantised.</summary>
    public byte[] Stored(string tensor, ElementType type, ReadOnlySpan<float> values)
    {
        if (type.IsFloatingPoint() || !_steps.TryGetValue(tensor, out (float Scale, float Zero) step))
            return Written(type, values);
        float[] steps = new float[values.Length];
        (float low, float high) = type == ElementType.Int8 ? (-128f, 127f) : (0f, 255f);
        for (int i = 0; i < steps.Length; i++)
            steps[i] = Math.Clamp(MathF.Round(values[i] / step.Scale) + step.Zero, low, high);
        return Written(type, steps);
    }

    private static byte[] Written(ElementType type, ReadOnlySpan<float> values)
    {
        byte[] bytes = new byte[type.SizeInBytes(values.Length)];
        ElementWriter.Write(values, type, bytes);
        return bytes;
    }

    private void Take(OnnxGraph graph, OnnxNode node, int place, string tensor)
    {
        if (ConstantExpression.Of(graph, node.Inputs.ElementAtOrDefault(place) ?? "") is not { Shape.Count: 1, HasData: true } scale)
            return;
        float zero = node.HasInput(place + 1)
            && ConstantExpression.Of(graph, node.Inputs[place + 1]) is { Shape.Count: 1, HasData: true } point ? point.Load()[0] : 0;
        _steps.TryAdd(tensor, (scale.Load()[0], zero));
    }
}
