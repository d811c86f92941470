using System.Globalization;

namespace CnnOnnx.Rendering;

/// <summary>Writes numbers as they stand in pictures: with three significant digits.</summary>
internal static class Numbers
{
    public static string Short(double value)
    {
        double magnitude = Math.Abs(value);
        string text = magnitude is >= 1000 and < 1e6
            ? value.ToString("F0", CultureInfo.InvariantCulture)
            : value.ToString("G3", CultureInfo.InvariantCulture);
        return text.Replace("E+0", "e").Replace("E-0", "e-").Replace("E+", "e").Replace('E', 'e');
    }
}
