using System.Collections.Frozen;
using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>
/// A tensor that follows from initializers and Constant nodes alone, in real numbers: its shape is known, its values are
/// computed when they are asked for. Casts leave the numbers as they are.
/// </summary>
internal sealed class ConstantExpression
{
    // Deeper than exporters nest what belongs to one weight; each level takes stack.
    private const int MostDepth = 64;
    private const long MostElements = 1 << 28;

    private static readonly FrozenDictionary<string, Rule> Rules = new Dictionary<string, Rule>
    {
        ["Identity"] = Same,
        ["Cast"] = Same,
        ["CastLike"] = Same,
        ["Transpose"] = Transpose,
        ["Reshape"] = Reshape,
        ["Flatten"] = Flatten,
        ["Squeeze"] = Squeeze,
        ["Unsqueeze"] = Unsqueeze,
        ["Expand"] = Expand,
        ["DequantizeLinear"] = Dequantize,
        ["Neg"] = Each(value => -value),
        ["Abs"] = Each(MathF.Abs),
        ["Sqrt"] = Each(MathF.Sqrt),
        ["Exp"] = Each(MathF.Exp),
        ["Reciprocal"] = Each(value => 1 / value),
        ["Clip"] = Clip,
        ["Add"] = Pairs((a, b) => a + b),
        ["Sub"] = Pairs((a, b) => a - b),
        ["Mul"] = Pairs((a, b) => a * b),
        ["Div"] = Pairs((a, b) => a / b),
        ["Max"] = Pairs(MathF.Max),
        ["Pow"] = Pairs(MathF.Pow),
        ["ReduceSum"] = Reduced(value => value, (sum, _) => sum),
        ["ReduceMean"] = Reduced(value => value, (sum, count) => sum / count),
        ["ReduceL2"] = Reduced(value => (double)value * value, (sum, _) => Math.Sqrt(sum)),
        ["ReduceSumSquare"] = Reduced(value => (double)value * value, (sum, _) => sum),
        ["Concat"] = Concat,
    }.ToFrozenDictionary();

    private readonly Func<Dictionary<ConstantExpression, float[]>, float[]> _compute;

    private ConstantExpression(TensorShape shape, IEnumerable<ConstantExpression> operands, Func<float[][], float[]> compute)
    {
        ConstantExpression[] all = [.. operands];
        Shape = shape;
        Sources = [.. all.SelectMany(o => o.Sources).DistinctBy(s => s.Name)];
        _compute = known => compute([.. all.Select(o => o.Values(known))]);
    }

    private ConstantExpression(string name, OnnxTensor tensor)
    {
        Shape = tensor.Shape;
        Sources = [(name, tensor)];
        _compute = _ => tensor.Load().ToFloats();
    }

    /// <summary>Says what a node makes of constants; null where that cannot be said.</summary>
    /// <param name="node">The node.</param>
    /// <param name="operands">Its operands; null for one that is left out.</param>
    private delegate ConstantExpression? Rule(OnnxNode node, ConstantExpression?[] operands);

    /// <summary>The shape of the result.</summary>
    public TensorShape Shape { get; }

    /// <summary>The initializers and constants that it is made of, under the names that they have in the graph, in reading order.</summary>
    public IReadOnlyList<(string Name, OnnxTensor Tensor)> Sources { get; }

    /// <summary>The one tensor whose elements these are, in another order or shape; null when they are computed.</summary>
    public OnnxTensor? Moved { get; private init; }

    /// <summary>False when an initializer has a shape and no values yet.</summary>
    public bool HasData => Sources.All(source => source.Tensor.HasData);

    /// <summary>Integers of a file become real numbers in it.</summary>
    public bool IsQuantized { get; private init; }

    /// <summary>The expression that makes a tensor.</summary>
    /// <param name="graph">A graph without calls of local functions.</param>
    /// <param name="name">A tensor of it.</param>
    /// <returns>Null when the tensor depends on an input, or takes an operator that is not computed here.</returns>
    public static ConstantExpression? Of(OnnxGraph graph, string name) => Find(graph, name, [], 0);

    /// <summary>Computes the values, in row order. A new array each time.</summary>
    /// <exception cref="OnnxException">The data of an initializer cannot be read.</exception>
    public float[] Load() => Values([]);

    private float[] Values(Dictionary<ConstantExpression, float[]> known) =>
        known.TryGetValue(this, out float[]? values) ? values : known[this] = _compute(known);

    private static ConstantExpression? Find(OnnxGraph graph, string name, Dictionary<string, ConstantExpression?> found, int depth)
    {
        if (found.TryGetValue(name, out ConstantExpression? known))
            return known;
        ConstantExpression? expression = null;
        if (graph.Initializer.TryGetValue(name, out OnnxTensor? initializer))
            expression = OfTensor(name, initializer);
        else if (graph.Producer(name) is { Domain: "" } node && depth < MostDepth)
            expression = node.OpType == "Constant" ? node.Tensor("value") is { } value ? OfTensor(name, value) : null
                : Rules.TryGetValue(node.OpType, out Rule? rule) && node.Outputs is [var only, ..] && only == name
                    ? OfNode(graph, node, rule, found, depth)
                : null;
        return found[name] = expression;
    }

    private static ConstantExpression? OfTensor(string name, OnnxTensor tensor) =>
        FloatConversion.CanConvert(tensor.ElementType) ? new ConstantExpression(name, tensor) { Moved = tensor } : null;

    private static ConstantExpression? OfNode(
        OnnxGraph graph, OnnxNode node, Rule rule, Dictionary<string, ConstantExpression?> found, int depth)
    {
        var operands = new ConstantExpression?[node.Inputs.Length];
        for (int i = 0; i < operands.Length; i++)
            if (node.Inputs[i].Length > 0 && (operands[i] = Find(graph, node.Inputs[i], found, depth + 1)) is null)
                return null;
        try
        {
            return operands is [not null, ..] && rule(node, operands) is { } made && made.Shape.Count <= MostElements ? made : null;
        }
        // Axes and shapes that do not fit: a runtime says so when it runs the model.
        catch (Exception fault) when (fault is IndexOutOfRangeException or ArgumentException or OverflowException)
        {
            return null;
        }
    }

    // The same elements under another shape.
    private static ConstantExpression View(ConstantExpression operand, TensorShape shape) => shape.Count != operand.Shape.Count
        ? throw new ArgumentException($"{operand.Shape} and {shape} differ in their number of elements.")
        : new(shape, [operand], values => values[0]) { Moved = operand.Moved, IsQuantized = operand.IsQuantized };

    private static ConstantExpression Same(OnnxNode node, ConstantExpression?[] operands) => View(operands[0]!, operands[0]!.Shape);

    private static ConstantExpression Transpose(OnnxNode node, ConstantExpression?[] operands)
    {
        ConstantExpression operand = operands[0]!;
        int[] order = node.Ints("perm") is { } perm ? [.. perm.Select(p => (int)p)]
            : [.. Enumerable.Range(0, operand.Shape.Rank).Reverse()];
        if (!order.Order().SequenceEqual(Enumerable.Range(0, operand.Shape.Rank)))
            throw new ArgumentException($"{string.Join(", ", order)} is no order of the axes of {operand.Shape}.");
        return new(new TensorShape([.. order.Select(axis => operand.Shape[axis])]), [operand],
            values => ConstantArithmetic.Transpose(values[0], operand.Shape, order))
        {
            Moved = operand.Moved,
            IsQuantized = operand.IsQuantized
        };
    }

    private static ConstantExpression Reshape(OnnxNode node, ConstantExpression?[] operands)
    {
        ConstantExpression operand = operands[0]!;
        long[] sizes = Required(node, operands, "shape");
        bool keepsZero = node.Int("allowzero", 0) != 0;
        for (int axis = 0; axis < sizes.Length; axis++)
            if (sizes[axis] == 0 && !keepsZero)
                sizes[axis] = operand.Shape[axis];
        int open = Array.IndexOf(sizes, -1);
        if (open >= 0)
            sizes[open] = operand.Shape.Count / Math.Max(1,
                sizes.Where(size => size != -1).Aggregate(1L, (product, size) => product * size));
        return View(operand, new TensorShape(sizes));
    }

    private static ConstantExpression Flatten(OnnxNode node, ConstantExpression?[] operands)
    {
        TensorShape shape = operands[0]!.Shape;
        int axis = Axis(node.Int("axis", 1), shape.Rank);
        long rows = shape.Dims.Take(axis).Aggregate(1L, (product, size) => product * size);
        return View(operands[0]!, new TensorShape(rows, rows == 0 ? 0 : shape.Count / rows));
    }

    private static ConstantExpression Squeeze(OnnxNode node, ConstantExpression?[] operands)
    {
        TensorShape shape = operands[0]!.Shape;
        int[] axes = Numbers(node, operands, "axes") is { } named ? [.. named.Select(axis => Axis(axis, shape.Rank))]
            : [.. Enumerable.Range(0, shape.Rank).Where(axis => shape[axis] == 1)];
        return View(operands[0]!, new TensorShape([.. shape.Dims.Where((_, axis) => !axes.Contains(axis))]));
    }

    private static ConstantExpression Unsqueeze(OnnxNode node, ConstantExpression?[] operands)
    {
        long[] axes = Required(node, operands, "axes");
        var sizes = new List<long>(operands[0]!.Shape.Dims);
        foreach (int axis in axes.Select(axis => Axis(axis, sizes.Count + axes.Length)).Order())
            sizes.Insert(axis, 1);
        return View(operands[0]!, new TensorShape([.. sizes]));
    }

    private static ConstantExpression? Expand(OnnxNode node, ConstantExpression?[] operands)
    {
        ConstantExpression operand = operands[0]!;
        return ConstantArithmetic.Broadcast(operand.Shape, new TensorShape(Required(node, operands, "shape"))) is { } shape
            && shape.Count <= MostElements
            ? new(shape, [operand], values => ConstantArithmetic.Expand(values[0], operand.Shape, shape)) : null;
    }

    private static ConstantExpression? Dequantize(OnnxNode node, ConstantExpression?[] operands)
    {
        ConstantExpression q = operands[0]!, scale = operands[1]!;
        ConstantExpression? zero = operands.ElementAtOrDefault(2);
        TensorShape shape = q.Shape;
        int axis = scale.Shape.Count == 1 ? 0 : Axis(node.Int("axis", 1), shape.Rank);
        if (new[] { scale, zero ?? scale }.Any(t => t.Shape.Count != 1 && (t.Shape.Rank != 1 || t.Shape.Count != shape[axis])))
            return null;
        // One pair for the tensor, or one for each index of the axis.
        long inner = shape.Dims.Skip(axis + 1).Aggregate(1L, (product, size) => product * size);
        return new(shape, new[] { q, scale, zero }.OfType<ConstantExpression>(), values =>
        {
            float[] real = new float[values[0].Length];
            for (int i = 0; i < real.Length; i++)
                real[i] = (values[0][i] - (zero is null ? 0 : At(values[2], i))) * At(values[1], i);
            return real;
        })
        { Moved = q.Moved, IsQuantized = true };

        float At(float[] pair, int element) => pair[pair.Length == 1 ? 0 : element / inner % shape[axis]];
    }

    private static ConstantExpression Clip(OnnxNode node, ConstantExpression?[] operands)
    {
        float low = node.Float("min", float.NegativeInfinity), high = node.Float("max", float.PositiveInfinity);
        if (operands.ElementAtOrDefault(1) is { } min)
            low = min.Load()[0];
        if (operands.ElementAtOrDefault(2) is { } max)
            high = max.Load()[0];
        return new(operands[0]!.Shape, [operands[0]!],
            values => Array.ConvertAll(values[0], value => MathF.Min(MathF.Max(value, low), high)));
    }

    private static ConstantExpression Concat(OnnxNode node, ConstantExpression?[] operands)
    {
        ConstantExpression[] parts = [.. operands.OfType<ConstantExpression>()];
        int axis = Axis(node.Int("axis", 1), parts[0].Shape.Rank);
        TensorShape[] shapes = [.. parts.Select(part => part.Shape)];
        long[] sizes = [.. shapes[0].Dims];
        if (shapes.Any(s => s.Rank != sizes.Length || s.Dims.Where((size, i) => i != axis && size != sizes[i]).Any()))
            throw new ArgumentException($"{string.Join(", ", shapes)} do not fit along axis {axis}.");
        sizes[axis] = shapes.Sum(s => s[axis]);
        return new(new TensorShape(sizes), parts, values => ConstantArithmetic.Concatenate(values, shapes, axis));
    }

    private static Rule Each(Func<float, float> operation) => (_, operands) =>
        new(operands[0]!.Shape, [operands[0]!], values => Array.ConvertAll(values[0], value => operation(value)));

    private static Rule Pairs(Func<float, float, float> operation) => (_, operands) =>
        operands is [{ } a, { } b] && ConstantArithmetic.Broadcast(a.Shape, b.Shape) is { } shape && shape.Count <= MostElements
            ? new(shape, [a, b], values => ConstantArithmetic.Combine(values[0], a.Shape, values[1], b.Shape, shape, operation)) : null;

    private static Rule Reduced(Func<float, double> term, Func<double, double, double> finish) => (node, operands) =>
    {
        ConstantExpression operand = operands[0]!;
        TensorShape shape = operand.Shape;
        int[] axes = Numbers(node, operands, "axes") is { Length: > 0 } named ? [.. named.Select(axis => Axis(axis, shape.Rank))]
            : [.. Enumerable.Range(0, node.Int("noop_with_empty_axes", 0) != 0 ? 0 : shape.Rank)];
        var kept = new TensorShape([.. shape.Dims.Select((size, axis) => axes.Contains(axis) ? 1 : size)]);
        TensorShape result = node.Int("keepdims", 1) != 0 ? kept : new TensorShape([.. kept.Dims.Where((_, axis) => !axes.Contains(axis))]);
        double count = (double)shape.Count / Math.Max(1, kept.Count);
        return new(result, [operand], values =>
            Array.ConvertAll(ConstantArithmetic.Sum(values[0], shape, kept, term), sum => (float)finish(sum, count)));
    };

    // An attribute in old versions of the operator, its second operand in new ones.
    private static long[]? Numbers(OnnxNode node, ConstantExpression?[] operands, string attribute) =>
        operands.ElementAtOrDefault(1) is not { } given ? node.Ints(attribute)
        : given.HasData && given.Shape.Count <= MostDepth ? [.. given.Load().Select(value => (long)value)]
        : throw new ArgumentException($"{attribute} is no short list of numbers.");

    private static long[] Required(OnnxNode node, ConstantExpression?[] operands, string attribute) =>
        Numbers(node, operands, attribute) ?? throw new ArgumentException($"{attribute} is missing.");

    private static int Axis(long axis, int rank) => axis >= -rank && axis <= rank ? (int)(axis < 0 ? axis + rank : axis)
        : throw new ArgumentException($"Axis {axis} is not one of {rank}.");
}
