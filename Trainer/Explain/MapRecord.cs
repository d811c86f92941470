using CnnOnnx.Torch.Attribution;

namespace CnnOnnx.Trainer.Explain;

/// <summary>One map in manifest.json.</summary>
internal sealed record MapRecord
{
    /// <summary>Key of the raw numbers in maps.npz.</summary>
    public required string Key { get; init; }

    /// <summary>Hyphenated name of the method.</summary>
    public required string Method { get; init; }

    /// <summary>Tensor that the map belongs to.</summary>
    public required string Layer { get; init; }

    /// <summary>Short name of the target.</summary>
    public required string Target { get; init; }

    /// <summary>Channels, rows and columns; one channel for maps of places.</summary>
    public required int[] Shape { get; init; }

    /// <summary>Smallest value of the summed channels, before any ReLU.</summary>
    public required float Min { get; init; }

    /// <summary>Largest value of the summed channels.</summary>
    public required float Max { get; init; }

    /// <summary>Share of the negative numbers in the sum of all sizes, 0 to 1.</summary>
    public required double NegativeShare { get; init; }

    /// <summary>True where the picture shows positive values only, as the method's paper does.</summary>
    public required bool ShownPositive { get; init; }

    /// <summary>Row and column of the largest value, in cells of the map.</summary>
    public required int[] Peak { get; init; }

    /// <summary>Files of pictures.</summary>
    public required MapPictures Files { get; init; }

    /// <summary>Remarks of the method.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Faults of the map, with next steps.</summary>
    public required IReadOnlyList<MapFinding> Findings { get; init; }

    /// <summary>Describes a map.</summary>
    public static MapRecord Of(ExplainedMap map, MapPictures files)
    {
        (int row, int column) = map.Plane.Peak();
        return new MapRecord
        {
            Key = map.Key,
            Method = map.Map.Method,
            Layer = map.Map.Layer,
            Target = map.Map.Target.Name,
            Shape = [map.Map.Channels, map.Map.Height, map.Map.Width],
            Min = map.Plane.Min,
            Max = map.Plane.Max,
            NegativeShare = map.Plane.NegativeShare,
            ShownPositive = map.Map.ShownPositive,
            Peak = [row, column],
            Files = files,
            Notes = map.Map.Notes,
            Findings = map.Findings,
        };
    }
}

/// <summary>Checks of the maps of one target.</summary>
/// <param name="Target">Short name of the target.</param>
/// <param name="Verdict">All in one or two sentences.</param>
/// <param name="Model">Checks of model and gradients.</param>
/// <param name="Maps">Checks of each map.</param>
internal sealed record TrustRecord(string Target, string Verdict, IReadOnlyList<TrustCheck> Model, IReadOnlyList<MapTrustRecord> Maps)
{
    /// <summary>Describes the checks of a target.</summary>
    public static TrustRecord Of(ExplainedTarget target, TrustReport report) => new(target.Target.Name, report.Verdict, report.Model,
        [.. report.Maps.Select(map => new MapTrustRecord(map.Map.Method, map.Map.Layer, map.Outcome, map.Checks))]);
}

/// <summary>Checks of one map.</summary>
/// <param name="Method">Name of the method.</param>
/// <param name="Layer">Tensor that the map belongs to.</param>
/// <param name="Outcome">The worst of the checks.</param>
/// <param name="Checks">The checks.</param>
internal sealed record MapTrustRecord(string Method, string Layer, TrustOutcome Outcome, IReadOnlyList<TrustCheck> Checks);
