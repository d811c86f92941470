using System.Globalization;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Operators;
using CsCheck;

namespace CnnOnnx.Tests.Operators;

/// <summary>
/// Nodes that make no sense: operands of any type, rank and number, empty ones among them, and attributes of any value.
/// Each either runs or is refused with an OnnxException; libtorch must not end the process.
/// </summary>
[TestClass]
public sealed class HostileNodeTests
{
    // CNNONNX_HOSTILE_NODES draws more.
    private static readonly int NodesEach =
        int.Parse(Environment.GetEnvironmentVariable("CNNONNX_HOSTILE_NODES") ?? "40", CultureInfo.InvariantCulture);

    private static readonly ElementType[] Types =
    [
        ElementType.Float, ElementType.Float, ElementType.Float, ElementType.Double, ElementType.Float16,
            ElementType.BFloat16, ElementType.Int8,
        ElementType.UInt8, ElementType.Int32, ElementType.Int64, ElementType.UInt16, ElementType.Bool,
    ];

    private static readonly string[] IntegerLists =
        ["kernel_shape", "strides", "pads", "dilations", "output_padding", "output_shape", "axes", "shape", "perm", "split", "starts",
            "ends", "repeats"];

    private static readonly string[] Integers =
    [
        "axis", "keepdims", "group", "ceil_mode", "count_include_pad", "storage_order", "p", "size",
            "num_groups", "training_mode", "spatial", "transA",
        "transB", "fmod", "select_last_index", "noop_with_empty_axes", "sample_size", "detect_negative",
            "stash_type", "broadcast", "blocksize", "to",
        "allowzero", "start", "end", "batch_dims", "largest", "sorted", "k", "exclusive", "reverse",
            "upper", "num_outputs", "align_corners", "dtype",
    ];

    private static readonly string[] Floats =
        ["alpha", "beta", "gamma", "epsilon", "momentum", "bias", "lambd", "ratio", "min", "max", "mean", "scale", "low", "high", "seed"];

    private static readonly float[] Numbers = [0, 0.5f, -1, float.NaN, float.PositiveInfinity, 1e30f];

    private static readonly (string Name, string[] Values)[] Words =
    [
        ("auto_pad", ["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"]),
            ("equation", ["ij,jk->ik", "i,j->ij", "...i->i", "ii", "->", "ij->k"]),
        ("direction", ["LEFT", "RIGHT"]), ("approximate", ["tanh"]),
        ("mode", ["constant", "reflect", "edge", "wrap", "linear", "nearest", "cubic", "bilinear"]),
        ("reduction", ["add", "mul", "max", "min", "none"]),
    ];

    public static IEnumerable<object[]> Operators =>
        OperatorTable.All.Where(o => o.Domain.Length == 0).Select(o => o.Type).Distinct().Order()
        .Select(type => new object[] { type });

    [TestMethod]
    [DynamicData(nameof(Operators))]
    public void Run_AnyNode_EndsOrIsRefused(string type)
    {
        var random = new Random(type.Length * 31 + type[0]);
        for (int i = 0; i < NodesEach; i++)
        {
            OperatorCheck check = Draw(type, random);
            try
            {
                check.RunTorch();
            }
            catch (Exception fault) when (fault is not BadInputException)
            {
                Assert.Fail($"{check}: {fault.GetType().Name} {fault.Message.Split('\n')[0]}\n{fault.StackTrace}");
            }
            catch (BadInputException)
            {
                // A refusal is as good as a result.
            }
        }
    }

    /// <summary>A node drawn at random, or one that makes sense with a few things changed.</summary>
    private static OperatorCheck Draw(string type, Random random)
    {
        GradientCase[] sensible = [.. GradientCases.All.Where(c => c.OpType == type)];
        if (sensible.Length == 0 || random.Next(3) == 0)
            return Any(type, random);
        GradientCase drawn = sensible[random.Next(sensible.Length)];
        OperatorCheck check = drawn.Checks.Generate(new PCG((uint)random.Next(), (ulong)random.NextInt64()), null, out _);
        for (int i = random.Next(1, 4); i > 0; i--)
            check = Mutated(check, random);
        return check with { Training = random.Next(4) == 0 };
    }

    private static OperatorCheck Mutated(OperatorCheck check, Random random)
    {
        TensorData?[] inputs = [.. check.Inputs];
        int input = random.Next(inputs.Length), attribute = random.Next(Math.Max(1, check.Attributes.Length));
        long[] dims = [.. inputs[input]?.Shape.Dims ?? []];
        switch (random.Next(7))
        {
            case 0:
                inputs[input] = null;
                break;
            case 1:
                inputs[input] = Operand(Types[random.Next(Types.Length)], dims, random);
                break;
            case 2:
                ElementType all = Types[random.Next(Types.Length)];
                inputs = [.. inputs.Select(i => i is null ? null : Operand(all, [.. i.Shape.Dims], random))];
                break;
            case 3 when dims.Length > 0:
                dims[random.Next(dims.Length)] = random.Next(4);
                inputs[input] = Operand(inputs[input]!.Type, dims, random);
                break;
            case 4:
                inputs[input] = Operand(
                    inputs[input]?.Type ?? ElementType.Float, random.Next(2) == 0 ? [.. dims, 1] : [.. dims.Skip(1)], random);
                break;
            case 5 when check.Attributes.Length > 0:
                (string name, object value) = check.Attributes[attribute];
                check = check with { Attributes = [.. check.Attributes.Where((_, i) => i != attribute), (name, Changed(value, random))] };
                break;
            default:
                check = check with { Opset = random.Next(1, 26), Outputs = random.Next(1, 4) };
                break;
        }

        return check with { Inputs = inputs };
    }

    private static object Changed(object value, Random random) => value switch
    {
        int or long => Integer(random),
        int[] list => Enumerable.Range(0, list.Length + random.Next(4) / 3).Select(_ => Integer(random)).ToArray(),
        long[] list => Enumerable.Range(0, list.Length + random.Next(4) / 3).Select(_ => Integer(random)).ToArray(),
        float => Numbers[random.Next(Numbers.Length)],
        _ => 1L,
    };

    private static OperatorCheck Any(string type, Random random)
    {
        // Half of the nodes have operands that fit each other.
        long[] shape = Shape(random);
        bool fits = random.Next(2) == 0;
        ElementType element = Types[random.Next(Types.Length)];
        var inputs = new TensorData?[random.Next(1, 6)];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (random.Next(12) > 0)
                inputs[i] = fits ? Operand(element, Bent(shape, random), random)
                    : Operand(Types[random.Next(Types.Length)], Shape(random), random);
        }

        return new OperatorCheck(type, random.Next(4) == 0 ? random.Next(1, 26) : random.Next(7, 23), inputs)
        {
            Attributes = [.. Attributes(random, shape.Length).DistinctBy(a => a.Item1)],
            Outputs = random.Next(1, 4),
        };
    }

    private static IEnumerable<(string, object)> Attributes(Random random, int rank)
    {
        int axes = Math.Max(1, rank - 2);
        for (int i = random.Next(5); i > 0; i--)
        {
            string list = IntegerLists[random.Next(IntegerLists.Length)];
            int length = random.Next(4) == 0 ? random.Next(6) : list == "pads" ? 2 * axes : axes;
            yield return (list, Enumerable.Range(0, length).Select(_ => Integer(random)).ToArray());
            yield return (Integers[random.Next(Integers.Length)], Integer(random));
            yield return (Floats[random.Next(Floats.Length)], Numbers[random.Next(Numbers.Length)]);
            (string name, string[] values) = Words[random.Next(Words.Length)];
            yield return (name, values[random.Next(values.Length)]);
        }
    }

    private static long Integer(Random random) => random.Next(16) switch
    {
        0 => -random.Next(1, 5),
        1 => new[] { 100, 1000, long.MaxValue, long.MinValue, int.MaxValue, 1L << 40 }[random.Next(6)],
        _ => random.Next(4),
    };

    private static long[] Shape(Random random) =>
        [.. Enumerable.Range(0, random.Next(6)).Select(_ => (long)(random.Next(12) == 0 ? 0 : random.Next(1, 5)))];

    private static long[] Bent(long[] shape, Random random) => random.Next(4) switch
    {
        0 => [.. shape.Take(2).Skip(1)],
        1 => [.. shape.Select(size => random.Next(3) == 0 ? 1 : size)],
        _ => shape,
    };

    // Bytes of any kind are valid elements of any type, NaN and infinity among them; bools are 0 or 1.
    private static TensorData Operand(ElementType type, long[] dims, Random random)
    {
        var shape = new TensorShape(dims);
        byte[] bytes = new byte[type.SizeInBytes(shape.Count)];
        if (random.Next(4) == 0 && type != ElementType.Bool)
            random.NextBytes(bytes);
        else
            for (int i = 0; i < bytes.Length; i += (int)type.SizeInBytes(1))
                bytes[i] = (byte)random.Next(type == ElementType.Bool ? 2 : 5);
        return new TensorData(type, shape, bytes);
    }
}
