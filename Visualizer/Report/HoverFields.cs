using CnnOnnx.Onnx;
using CnnOnnx.Pages;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Report;

/// <summary>
/// Receptive fields of the maps, for the frame that the page shows over the input when the pointer rests on a place:
/// <code>
/// data-field="whole"                           the whole picture
/// data-field="28 28|0 0x2 2x12|3 2x12 0x1"     rows and columns of the picture; first rows, last rows; then columns, if they differ
///             first value, then differences: 2x12 is twelve times +2
/// data-field=""                                not known: the page shows the same relative place
/// </code>
/// </summary>
/// <param name="graph">The model's graph.</param>
/// <param name="input">Name of the input that takes the picture.</param>
internal sealed class HoverFields(OnnxGraph graph, string input)
{
    private readonly Lock _gate = new();
    // Inputs of a folder have one shape mostly.
    private (TensorShape Shape, ReceptiveFields Fields)? _known;

    /// <summary>Writes the attribute of a tensor.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="shape">Shape of the network's input in the run.</param>
    public Html Of(TensorRecord tensor, IReadOnlyList<long> shape)
    {
        MapsRecord maps = tensor.Maps!;
        return ReachOf(tensor.Name, new TensorShape([.. shape])) switch
        {
            { IsWhole: true } => Html.Of($""" data-field="whole" """),
            { } reach when (reach.Rows.Count, reach.Columns.Count) == (maps.Height, maps.Width) =>
                Html.Of($""" data-field="{Text(reach)}" """),
            _ => Html.Empty,
        };
    }

    // Reports of several inputs ask at the same time.
    private MapReach? ReachOf(string tensor, TensorShape shape)
    {
        lock (_gate)
        {
            if (_known is not { } known || known.Shape != shape)
                _known = known = (shape, new ReceptiveFields(graph, input, shape));
            return known.Fields.Of(tensor);
        }
    }

    private static string Text(MapReach reach)
    {
        (string rows, string columns) = (Text(reach.Rows), Text(reach.Columns));
        return $"{reach.Rows.Picture} {reach.Columns.Picture}|{rows}{(rows == columns ? "" : $"|{columns}")}";
    }

    // A place of padding alone has no row.
    private static string Text(Reach reach) =>
        $"{Steps([.. reach.First.Zip(reach.Last, (first, last) => last < 0 ? 0 : first)])}|{Steps(reach.Last)}";

    private static string Steps(int[] values)
    {
        var text = new List<string> { $"{values[0]}" };
        for (int i = 1, run; i < values.Length; i += run)
        {
            int step = values[i] - values[i - 1];
            for (run = 1; i + run < values.Length && values[i + run] - values[i + run - 1] == step; run++)
                ;
            text.Add($"{step}x{run}");
        }

        return string.Join(' ', text);
    }
}
