using CsCheck;

namespace CnnOnnx.Tests.Operators;

/// <summary>Shapes that broadcast to one.</summary>
internal static class Broadcast
{
    /// <summary>Some of the axes of one shape are 1 and some of the leading ones missing, in each.</summary>
    public static Gen<long[][]> Shapes(int count) =>
        from shape in Gen.Long[1, 4].Array[0, 4]
        from dropped in Gen.Int[0, shape.Length].Array[count]
        from single in Gen.Bool.Array[shape.Length].Array[count]
        select Enumerable.Range(0, count).Select(i => shape.Select((size, axis) => single[i][axis] ? 1 : size).Skip(dropped[i]).ToArray())
            .ToArray();
}
