using System.Reflection;
using CnnOnnx.Tensors;
using CsCheck;

namespace CnnOnnx.Tests.Operators;

/// <summary>
/// What has a gradient and what has none, by family, each in a file of its own. Every public array of this class that
/// holds cases, or names of operators without a gradient, counts.
/// </summary>
internal static partial class GradientCases
{
    public static IEnumerable<GradientCase> All => Properties<GradientCase>();

    /// <summary>Operators whose results are not numbers, are steps of their operands everywhere, or are random.</summary>
    public static IEnumerable<string> WithoutGradient => Properties<string>();

    private static Gen<int> Seeds => Gen.Int[0, 1000];

    private static Gen<long[]> Shapes => Gen.Long[1, 3].Array[1, 3];

    private static IEnumerable<T> Properties<T>() => typeof(GradientCases).GetProperties(BindingFlags.Public | BindingFlags.Static)
        .Where(p => p.PropertyType == typeof(T[])).SelectMany(p => (T[])p.GetValue(null)!);

    /// <summary>A function of one tensor whose elements lie in a range.</summary>
    private static GradientCase Unary(string type, int opset, double min, double max, params (string, object)[] attributes) => new(type,
        from shape in Shapes
        from seed in Seeds
        select new OperatorCheck(type, opset, Values(shape, seed, min, max)) { Attributes = attributes });

    private static TensorData Values(long[] shape, int seed, double min = -2, double max = 2) =>
        OperatorCheck.Doubles(shape, seed, min, max);
}
