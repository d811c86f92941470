using CnnOnnx.Imaging;
using CnnOnnx.Torch.Attribution;
using OpenCvSharp;

namespace CnnOnnx.Trainer.Explain;

/// <summary>Everything that is known about one explained input. Owns the picture.</summary>
internal sealed record Explained : IDisposable
{
    /// <summary>The input, for people.</summary>
    public required string Path { get; init; }

    /// <summary>Name for its results.</summary>
    public required string Name { get; init; }

    /// <summary>The picture as it was given, or the input's own numbers as a picture.</summary>
    public required Mat Picture { get; init; }

    /// <summary>How the picture became the input.</summary>
    public required InputSpec Spec { get; init; }

    /// <summary>Scores of the classes; null for a model without classes.</summary>
    public ClassReading? Classes { get; init; }

    /// <summary>Boxes of a detector, the surest first; null for a model that is none.</summary>
    public IReadOnlyList<BoxOrigin>? Boxes { get; init; }

    /// <summary>Targets that are explained.</summary>
    public required IReadOnlyList<ExplainedTarget> Targets { get; init; }

    /// <summary>Methods that were used, with what each cost.</summary>
    public required IReadOnlyList<ExplainedMethod> Methods { get; init; }

    /// <summary>Methods that were asked for by "all" and cannot be used here, with reasons.</summary>
    public required IReadOnlyList<LeftOutMethod> LeftOut { get; init; }

    /// <summary>The maps, method by method.</summary>
    public required IReadOnlyList<ExplainedMap> Maps { get; init; }

    /// <summary>
    /// What the channels of the deepest explained layer add to the first two targets; empty where no method is of a layer.
    /// </summary>
    public IReadOnlyList<ChannelShares> Channels { get; init; } = [];

    /// <summary>How far the maps can be trusted, one report a target; empty when that was not checked.</summary>
    public IReadOnlyList<TrustReport> Trust { get; init; } = [];

    /// <summary>Remarks of the run: sizes that were taken, outputs that are random.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>Time that the maps took, in milliseconds.</summary>
    public double Milliseconds { get; init; }

    /// <summary>Longer side of the input in pixels.</summary>
    public int InputSide => Math.Max(Spec.Width, Spec.Height);

    /// <summary>Maps of one target.</summary>
    public IEnumerable<ExplainedMap> Of(ExplainedTarget target) => Maps.Where(map => ReferenceEquals(map.Map.Target, target.Target));

    /// <summary>The map that is outlined for a target, and spoken of; null where it has none.</summary>
    public ExplainedMap? Outlined(ExplainedTarget target) =>
        // The method that was named first, where its map speaks of places, at its deepest layer.
        Methods.Select(method => Of(target).LastOrDefault(map =>
            map.Map.Method == method.Method.Name && map.Map.ShownPositive)).FirstOrDefault(map => map is not null)
        ?? Of(target).FirstOrDefault();

    /// <summary>The map of the same method and layer for another target; null where there is none.</summary>
    public ExplainedMap? Beside(ExplainedMap map, ExplainedTarget target) =>
        Of(target).FirstOrDefault(other => other.Map.Method == map.Map.Method && other.Map.Layer == map.Map.Layer);

    /// <summary>Frees the picture.</summary>
    public void Dispose() => Picture.Dispose();
}

/// <summary>One target of an input.</summary>
/// <param name="Expression">Text as the user wrote it.</param>
/// <param name="Target">Elements that it means.</param>
/// <param name="Value">Its value in the run.</param>
/// <param name="Operator">Type of the node that makes its tensor; empty for an input.</param>
internal sealed record ExplainedTarget(string Expression, AttributionTarget Target, double Value, string Operator)
{
    /// <summary>Place of the box among all, from 0; null where the target is no box.</summary>
    public int? Box { get; init; }
}

/// <summary>One method that was used.</summary>
/// <param name="Method">The method.</param>
/// <param name="ForwardPasses">Predicted cost in forward passes of the whole model, for all targets and layers.</param>
internal sealed record ExplainedMethod(AttributionMethod Method, double ForwardPasses);

/// <summary>One method that was not used.</summary>
/// <param name="Method">Name of the method.</param>
/// <param name="Reason">Why, in words.</param>
internal sealed record LeftOutMethod(string Method, string Reason);

/// <summary>One map and what is seen in it.</summary>
/// <param name="Map">The raw signed map.</param>
/// <param name="Key">Its key in maps.npz: method/layer/target, unique.</param>
/// <param name="Findings">Faults of the map; empty for nothing.</param>
internal sealed record ExplainedMap(AttributionMap Map, string Key, IReadOnlyList<MapFinding> Findings)
{
    /// <summary>The numbers that are measured: channels added up.</summary>
    public MapPlane Plane { get; } = MapPlane.Of(Map);

    /// <summary>True for a map of an input's pixels.</summary>
    public bool IsOfPixels => AttributionOverlay.IsOfPixels(Map);
}
