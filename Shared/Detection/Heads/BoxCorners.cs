using OpenCvSharp;

namespace CnnOnnx.Detection;

/// <summary>Upright box by its corners; right and lower edge are not inside, so that a width is X2 − X1.</summary>
/// <param name="X1">Left edge, in pixels.</param>
/// <param name="Y1">Upper edge, in pixels.</param>
/// <param name="X2">Right edge, in pixels.</param>
/// <param name="Y2">Lower edge, in pixels.</param>
internal readonly record struct BoxCorners(double X1, double Y1, double X2, double Y2)
{
    /// <summary>Pixels inside; 0 for a box that is turned inside out.</summary>
    public double Area => Math.Max(0, X2 - X1) * Math.Max(0, Y2 - Y1);

    /// <summary>False for a box without an inside, or one that is no number.</summary>
    public bool HasArea => X2 > X1 && Y2 > Y1 && double.IsFinite(X1 + X2 + Y1 + Y2);

    public static BoxCorners OfCentre(double x, double y, double width, double height) =>
        new(x - width / 2, y - height / 2, x + width / 2, y + height / 2);

    /// <summary>Intersection over union: 0 of boxes that do not meet, 1 of equal ones.</summary>
    public static double Overlap(in BoxCorners a, in BoxCorners b)
    {
        double width = Math.Min(a.X2, b.X2) - Math.Max(a.X1, b.X1), height = Math.Min(a.Y2, b.Y2) - Math.Max(a.Y1, b.Y1);
        if (!(width > 0 && height > 0))
            return 0;
        double common = width * height;
        return common / (a.Area + b.Area - common);
    }

    /// <summary>Cuts off what lies outside a picture.</summary>
    /// <param name="picture">Width and height of the picture.</param>
    public BoxCorners Within(Size picture) => new(Math.Clamp(X1, 0, picture.Width), Math.Clamp(Y1, 0, picture.Height),
        Math.Clamp(X2, 0, picture.Width), Math.Clamp(Y2, 0, picture.Height));

    public Rect2d ToRect() => new(X1, Y1, X2 - X1, Y2 - Y1);
}
