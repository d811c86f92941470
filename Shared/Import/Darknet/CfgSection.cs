using System.Globalization;

namespace CnnOnnx.Import;

/// <summary>A section of a Darknet cfg, read with the numbers that Darknet takes where a key is missing.</summary>
/// <param name="path">The file.</param>
/// <param name="name">Name without brackets, in lower case.</param>
/// <param name="line">Number of its line, from 1.</param>
/// <param name="index">Number of the layer, from 0; −1 for [net].</param>
internal sealed class CfgSection(string path, string name, int line, int index)
{
    /// <summary>Largest size, count or channel number that is read.</summary>
    public const int MostInt = 1_000_000;

    private const int MostNumbers = 4096;

    private readonly Dictionary<string, string> _values = [];

    public string Name => name;

    public int Index => index;

    public void Add(string key, string value) => _ = _values.TryAdd(key, value);

    public bool Has(string key) => _values.ContainsKey(key);

    public string Text(string key, string missing) => _values.GetValueOrDefault(key, missing);

    /// <summary>A whole number between bounds.</summary>
    /// <exception cref="BadInputException">No number, or one out of bounds.</exception>
    public int Int(string key, int missing, int least = 0, int most = MostInt)
    {
        if (!_values.TryGetValue(key, out string? text))
            return missing;
        int? number = Whole(text);
        return number >= least && number <= most ? number.Value
            : throw Fault($"{key} is '{text}', expected a whole number from {least} to {most}");
    }

    public double Float(string key, double missing)
    {
        if (!_values.TryGetValue(key, out string? text))
            return missing;
        return Real(text) ?? throw Fault($"{key} is '{text}', expected a number");
    }

    /// <summary>Whole numbers with commas between; empty where the key is missing.</summary>
    public int[] Ints(string key) => [.. Numbers(key).Select(text => Whole(text)
        ?? throw Fault($"{key} has '{text}', expected whole numbers with commas between"))];

    /// <summary>Numbers with commas between; empty where the key is missing.</summary>
    public double[] Floats(string key) => [.. Numbers(key).Select(text => Real(text)
        ?? throw Fault($"{key} has '{text}', expected numbers with commas between"))];

    /// <summary>Refuses a key that asks for what is not done here.</summary>
    public void Refuse(string key, string what)
    {
        if (Has(key) && Int(key, 0, -MostInt) != 0)
            throw Fault($"{key}={Text(key, "")} ({what}) is not read here");
    }

    /// <summary>Makes an exception to throw about the section: it says file, line and layer.</summary>
    public BadInputException Fault(string problem) =>
        new($"{path}: line {line}, [{name}]{(index < 0 ? "" : $" (layer {index})")}: {problem}");

    private string[] Numbers(string key)
    {
        string text = Text(key, "");
        // Some forks allow a remark behind a list.
        string[] numbers = text.Split('#')[0].Split(',', StringSplitOptions.RemoveEmptyEntries);
        return numbers.Length <= MostNumbers ? numbers : throw Fault($"{key} has {numbers.Length} numbers, expected at most {MostNumbers}");
    }

    // As C reads numbers: what follows the digits does not count.
    private static int? Whole(string text)
    {
        int end = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || (end == 0 && text[end] is '-' or '+')))
            end++;
        return int.TryParse(text.AsSpan(0, end), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number
            : null;
    }

    private static double? Real(string text)
    {
        int end = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] is '-' or '+' or '.' or 'e' or 'E'))
            end++;
        return double.TryParse(text.AsSpan(0, end), CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number
            : null;
    }
}
