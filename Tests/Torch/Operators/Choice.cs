using CsCheck;

namespace CnnOnnx.Tests.Operators;

/// <summary>Generates one of a few values; a value that stands there twice comes twice as often.</summary>
internal static class Choice
{
    public static Gen<T> Of<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
