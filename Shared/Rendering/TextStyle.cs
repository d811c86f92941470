using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <param name="Ascent">Pixels above the base line.</param>
/// <param name="Descent">Pixels below it.</param>
internal readonly record struct TextStyle(HersheyFonts Font, double Scale, int Ascent, int Descent)
{
    public int Height => Ascent + Descent;
}
