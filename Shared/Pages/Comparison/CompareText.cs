using System.Globalization;
using CnnOnnx.Compare;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;

namespace CnnOnnx.Pages;

/// <summary>Numbers and names as they stand on the page of a comparison.</summary>
internal static class CompareText
{
    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    /// <summary>Writes a relative error: a percentage from a thousandth on, else a power of ten.</summary>
    public static string Error(double error)
    {
        if (error == 0)
            return "0";
        if (!double.IsFinite(error))
            return "∞";
        if (error >= 0.001)
            return (100 * error).ToString("0.#", CultureInfo.InvariantCulture) + " %";
        int exponent = (int)Math.Floor(Math.Log10(error));
        string digits = (error / Math.Pow(10, exponent)).ToString("0.0", CultureInfo.InvariantCulture);
        return $"{(digits == "1.0" ? "" : digits + " × ")}10⁻{string.Concat($"{-exponent}".Select(d => Superscripts[d - '0']))}";
    }

    /// <summary>Writes a share as a percentage with one digit.</summary>
    public static string Percent(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);

    /// <summary>Writes a number with three digits and a real minus.</summary>
    public static string Short(double value) => Numbers.Short(value).Replace('-', '−');

    /// <summary>Writes the axes without the batch: 64 · 55².</summary>
    public static string Size(TensorShape shape)
    {
        string[] sizes = [.. shape.Dims.Skip(shape.Rank > 1 ? 1 : 0).Select(d => $"{d}")];
        return sizes is [.., var last, var same] && last == same && sizes.Length > 1
            ? string.Join(" · ", [.. sizes[..^2], last + "²"]) : string.Join(" · ", sizes);
    }

    /// <summary>Gives the block that a tensor belongs to: layer1.0 of /layer1/layer1.0/conv1/Conv.</summary>
    public static string Block(TensorPair pair)
    {
        string name = pair.Place;
        string[] parts = name.Split('/', StringSplitOptions.RemoveEmptyEntries);
        int at = 0;
        while (at + 2 < parts.Length && parts[at + 1].StartsWith(parts[at] + ".", StringComparison.Ordinal))
            at++;
        return parts.Length == 0 ? pair.B : parts[at];
    }

    /// <summary>Style class of what was found out about a pair.</summary>
    public static string ClassOf(PairFinding finding) => finding switch
    {
        PairFinding.Equal => "ok",
        PairFinding.Introduced => "w",
        _ => "c",
    };

    /// <summary>Finding about a pair, in words.</summary>
    public static string WordsOf(PairFinding finding) => finding switch
    {
        PairFinding.Equal => "equal",
        PairFinding.Introduced => "introduced here",
        PairFinding.CarriedOn => "carried on",
        _ => "differs",
    };
}
