using System.Globalization;

namespace CnnOnnx.Files;

/// <summary>Amounts of memory in words: 512M, 2G. The units are powers of 1024.</summary>
internal static class ByteSize
{
    private const string Units = "KMGT";

    /// <exception cref="BadInputException">Not a number with one of the units.</exception>
    public static long Parse(string text, string option)
    {
        string trimmed = text.Trim().ToUpperInvariant().TrimEnd('B').TrimEnd('I');
        int unit = trimmed.Length > 0 ? Units.IndexOf(trimmed[^1]) : -1;
        bool isNumber = double.TryParse(unit < 0 ? trimmed : trimmed[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
            out double number);
        double bytes = number * Math.Pow(1024, unit + 1);
        return isNumber && bytes is >= 1 and < long.MaxValue
            ? (long)bytes
            : throw new BadInputException($"{option} is '{text}', expected a size such as 512M or 2G");
    }

    public static string Text(long bytes)
    {
        int unit = 0;
        double amount = bytes;
        for (; amount >= 1024 && unit < Units.Length; unit++)
            amount /= 1024;
        return unit == 0 ? $"{bytes} bytes" : string.Create(CultureInfo.InvariantCulture, $"{amount:0.#} {Units[unit - 1]}iB");
    }
}
