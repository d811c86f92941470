namespace CnnOnnx.Rendering.Png;

/// <summary>A symbol of a <see cref="CodeDescription"/>, and the bits behind it.</summary>
internal readonly record struct CodePart(byte Symbol, byte Extra, byte ExtraBits);
