namespace CnnOnnx.Visualizer.Report;

/// <summary>A small fact below a heading.</summary>
/// <param name="Label">What it is.</param>
/// <param name="Value">As text.</param>
/// <param name="Alarm">Something a reader should not miss, such as NaN.</param>
internal sealed record ReportFact(string Label, string Value, bool Alarm = false);
