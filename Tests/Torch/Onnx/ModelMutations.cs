using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Operators;
using Google.Protobuf;

namespace CnnOnnx.Tests.Onnx;

/// <summary>Small sound models with something broken: by number, so that a bad one can be made again.</summary>
internal static class ModelMutations
{
    // Where limits of types and of sense lie.
    private static readonly long[] Numbers =
        [0, 1, -1, 2, 3, 7, 64, 255, 65_537, 1L << 24, (1L << 31) - 1, 1L << 31, -(1L << 31), 1L << 40, long.MaxValue, long.MinValue];

    private static readonly float[] Reals = [0, -1, 0.5f, 1e30f, float.NaN, float.PositiveInfinity, float.Epsilon];

    private static readonly string[] Types =
        [.. OperatorTable.All.Where(o => o.Domain.Length == 0).Select(o => o.Type).Distinct().Order(StringComparer.Ordinal)];

    private static readonly Lazy<ModelProto[]> Sound = new(() =>
    [
        SmallModels.ConvRelu(), MutationSeeds.Classifier(), MutationSeeds.Branches(), MutationSeeds.Loops(), MutationSeeds.Quantized(),
        MutationSeeds.Shapes(),
        ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(Repository.Root, "models", "lenet.onnx"))),
    ]);

    /// <summary>The models that mutations start from, each of which runs.</summary>
    public static IReadOnlyList<ModelProto> Seeds => Sound.Value;

    /// <summary>The bytes of mutation number <paramref name="index"/>.</summary>
    public static byte[] Make(int index)
    {
        var random = new Random(index);
        ModelProto model = Seeds[index % Seeds.Count].Clone();
        bool isStructural = random.Next(2) == 0;
        for (int changes = random.Next(1, 4); isStructural && changes > 0; changes--)
            Change(model, random);
        byte[] bytes = model.ToByteArray();
        if (!isStructural)
            Flip(bytes, model, random);
        return bytes;
    }

    // Weights are most of a file, and other weights are as good as these: what counts is around them.
    private static void Flip(byte[] bytes, ModelProto model, Random random)
    {
        (int Start, int Length)[] weights = [.. model.Graph.Initializer.Where(t => t.RawData.Length > 64)
            .Select(t => (bytes.AsSpan().IndexOf(t.RawData.Span), t.RawData.Length))];
        for (int flips = random.Next(1, 4); flips > 0;)
        {
            int at = random.Next(bytes.Length);
            if (weights.Any(w => at >= w.Start && at < w.Start + w.Length) && random.Next(1000) > 0)
                continue;
            bytes[at] = (byte)random.Next(256);
            flips--;
        }
    }

    private static void Change(ModelProto model, Random random)
    {
        NodeProto[] nodes = [.. model.Graph.Node.SelectMany(WithBodies)];
        NodeProto node = Any(nodes, random);
        AttributeProto[] attributes = [.. nodes.SelectMany(n => n.Attribute)];
        TensorProto[] tensors = [.. model.Graph.Initializer, .. attributes.Select(a => a.T).OfType<TensorProto>()];
        string[] names =
        [
            .. nodes.SelectMany(n => n.Output), .. model.Graph.Input.Select(i => i.Name), .. model.Graph.Initializer.Select(t => t.Name),
            "",
        ];
        Action[] ways =
        [
            () => node.OpType = Any(Types, random),
            () => Replace(node.Input, () => Any(names, random), random),
            () => node.Input.Add(Any(names, random)),
            () => Remove(node.Input, random),
            () => node.Output.Add($"more{random.Next(100)}"),
            () => Remove(node.Output, random),
            () => Remove(node.Attribute, random),
            () => model.OpsetImport[0].Version = random.Next(1, 26),
            () => ChangeAttribute(attributes, random),
            () => ChangeAttribute(attributes, random),
            () => ChangeAttribute(attributes, random),
            () => ChangeTensor(tensors, random),
            () => ChangeTensor(tensors, random),
            () => Any([.. model.Graph.Input], random).Type.TensorType.ElemType = random.Next(24),
            () => ChangeShape(Any([.. model.Graph.Input], random).Type.TensorType.Shape, random),
        ];
        Any(ways, random)();
    }

    private static void ChangeAttribute(AttributeProto[] attributes, Random random)
    {
        if (attributes.Length == 0)
            return;
        AttributeProto attribute = Any(attributes, random);
        if (attribute.Ints.Count > 0)
            attribute.Ints[random.Next(attribute.Ints.Count)] = Any(Numbers, random);
        if (attribute.HasI)
            attribute.I = Any(Numbers, random);
        if (attribute.HasF)
            attribute.F = Any(Reals, random);
        if (attribute.HasS)
            attribute.S = ByteString.CopyFromUtf8(Any(["", "NOTSET", "SAME_UPPER", "constant", "add", "\0"], random));
        if (random.Next(6) == 0)
            attribute.Type = (AttributeProto.Types.AttributeType)random.Next(15);
    }

    private static void ChangeTensor(TensorProto[] tensors, Random random)
    {
        if (tensors.Length == 0)
            return;
        TensorProto tensor = Any(tensors, random);
        switch (random.Next(4))
        {
            case 0:
                tensor.DataType = random.Next(24);
                break;
            case 1 when tensor.Dims.Count > 0:
                tensor.Dims[random.Next(tensor.Dims.Count)] = Any(Numbers, random);
                break;
            case 2:
                tensor.Dims.Add(1);
                break;
            default:
                byte[] bytes = tensor.RawData.ToByteArray();
                if (bytes.Length >= 8 && BitConverter.TryWriteBytes(bytes.AsSpan(random.Next(bytes.Length / 8) * 8), Any(Numbers, random)))
                    tensor.RawData = ByteString.CopyFrom(bytes);
                break;
        }
    }

    private static void ChangeShape(TensorShapeProto shape, Random random)
    {
        if (shape is { Dim.Count: > 0 })
            shape.Dim[random.Next(shape.Dim.Count)].DimValue = Any(Numbers, random);
    }

    private static IEnumerable<NodeProto> WithBodies(NodeProto node) =>
        node.Attribute.Where(a => a.G is not null).SelectMany(a => a.G.Node).SelectMany(WithBodies).Prepend(node);

    private static T Any<T>(T[] choices, Random random) => choices[random.Next(choices.Length)];

    private static void Replace<T>(IList<T> list, Func<T> value, Random random)
    {
        if (list.Count > 0)
            list[random.Next(list.Count)] = value();
    }

    private static void Remove<T>(IList<T> list, Random random)
    {
        if (list.Count > 0)
            list.RemoveAt(random.Next(list.Count));
    }
}
