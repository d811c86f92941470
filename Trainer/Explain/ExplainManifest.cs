using System.Security.Cryptography;
using System.Text.Json;
using CnnOnnx.Files;
using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Attribution;

namespace CnnOnnx.Trainer.Explain;

/// <summary>Content of manifest.json: facts about the maps of one input, enough to make them again.</summary>
internal sealed record ExplainManifest
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "manifest.json";

    // Of a region, hundreds of elements that differ in their place only.
    private const int MostTerms = 16;

    /// <summary>Version of the program.</summary>
    public required string Version { get; init; }

    /// <summary>The model and its hash.</summary>
    public required ExplainModelRecord Model { get; init; }

    /// <summary>Path of the input.</summary>
    public required string Input { get; init; }

    /// <summary>Height and width of the picture.</summary>
    public required int[] PictureSize { get; init; }

    /// <summary>How it became the network's input.</summary>
    public required InputSpec Preprocessing { get; init; }

    /// <summary>Whose numbers are computed.</summary>
    public required Convention Convention { get; init; }

    /// <summary>Seed of all that is random.</summary>
    public required int Seed { get; init; }

    /// <summary>Baseline of the methods that have one, in units of the input.</summary>
    public required float Baseline { get; init; }

    /// <summary>How a map comes to the picture's size.</summary>
    public required string ResizeRule { get; init; }

    /// <summary>The most likely classes.</summary>
    public required IReadOnlyList<ReadClass> Classes { get; init; }

    /// <summary>Boxes of a detector, the surest first; null for a model that is none.</summary>
    public required IReadOnlyList<BoxRecord>? Boxes { get; init; }

    /// <summary>Targets that were explained.</summary>
    public required IReadOnlyList<TargetRecord> Targets { get; init; }

    /// <summary>Methods that were used.</summary>
    public required IReadOnlyList<MethodRecord> Methods { get; init; }

    /// <summary>Methods that could not be used.</summary>
    public required IReadOnlyList<LeftOutMethod> LeftOut { get; init; }

    /// <summary>The maps.</summary>
    public required IReadOnlyList<MapRecord> Maps { get; init; }

    /// <summary>Contact sheets.</summary>
    public required IReadOnlyList<string> Sheets { get; init; }

    /// <summary>Checks; empty when none were asked for.</summary>
    public required IReadOnlyList<TrustRecord> Trust { get; init; }

    /// <summary>Remarks of the run.</summary>
    public required IReadOnlyList<string> Remarks { get; init; }

    /// <summary>Time that the maps took.</summary>
    public required double Milliseconds { get; init; }

    /// <summary>Gathers what is known about an input.</summary>
    public static ExplainManifest Of(Explained explained, ExplainModelRecord model, ExplainerOptions options,
        IReadOnlyDictionary<ExplainedMap, MapPictures> files, IReadOnlyList<string> sheets) => new()
        {
            Version = typeof(ExplainManifest).Assembly.GetName().Version!.ToString(3),
            Model = model,
            Input = explained.Path,
            PictureSize = [explained.Picture.Rows, explained.Picture.Cols],
            Preprocessing = explained.Spec,
            Convention = options.Convention,
            Seed = options.Seed,
            Baseline = options.Baseline,
            ResizeRule = AttributionOverlay.ResizeRule,
            Classes = [.. (explained.Classes?.Ranked ?? []).Take(5)],
            Boxes = explained.Boxes?.Select(BoxRecord.Of).ToArray(),
            Targets = [.. explained.Targets.Select(target => new TargetRecord(target.Expression, target.Target.Name,
                target.Target.Description, target.Value, target.Target.Terms.Count, [.. target.Target.Terms.Take(MostTerms)])
            {
                Trace = target.Target.Trace,
                Box = target.Box,
            })],
            Methods = [.. explained.Methods.Select(method => new MethodRecord(method.Method.Name, method.Method.Formula,
            method.Method.Paper, method.ForwardPasses))],
            LeftOut = explained.LeftOut,
            Maps = [.. explained.Maps.Select(map => MapRecord.Of(map, files[map]))],
            Sheets = sheets,
            Trust = [.. explained.Trust.Zip(explained.Targets, (trust, target) => TrustRecord.Of(target, trust))],
            Remarks = explained.Remarks,
            Milliseconds = Math.Round(explained.Milliseconds, 1),
        };

    /// <summary>Writes the file as a whole.</summary>
    /// <param name="folder">Folder of the results.</param>
    public void Write(string folder) =>
        AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, JsonSettings.Indented));
}

/// <summary>The model that was explained.</summary>
/// <param name="File">Path as it was given.</param>
/// <param name="Sha256">Hash of the file, in lower case hexadecimal.</param>
/// <param name="Producer">Program that wrote it.</param>
internal sealed record ExplainModelRecord(string File, string Sha256, string Producer)
{
    /// <summary>Hashes the file of a model.</summary>
    public static ExplainModelRecord Of(OnnxModel model)
    {
        using FileStream file = System.IO.File.OpenRead(model.Source);
        return new ExplainModelRecord(model.Source, Convert.ToHexStringLower(SHA256.HashData(file)), model.Producer);
    }
}

/// <summary>One target.</summary>
/// <param name="Expression">Text as the user wrote it.</param>
/// <param name="Name">Short name.</param>
/// <param name="Description">Elements that were differentiated, in words.</param>
/// <param name="Value">Value in the run.</param>
/// <param name="Elements">Number of elements that it adds up.</param>
/// <param name="Terms">The first of them.</param>
internal sealed record TargetRecord(
    string Expression, string Name, string Description, double Value, int Elements, IReadOnlyList<TargetTerm> Terms)
{
    /// <summary>Nodes that the elements were found back through; null for none.</summary>
    public string? Trace { get; init; }

    /// <summary>Place of the box among all, from 0; null where the target is no box.</summary>
    public int? Box { get; init; }
}

/// <summary>One box of a detector.</summary>
/// <param name="Label">Name of the class.</param>
/// <param name="Score">Score, 0 to 1.</param>
/// <param name="Place">Left, top, width and height in pixels of the picture.</param>
internal sealed record BoxRecord(string Label, double Score, double[] Place)
{
    /// <summary>Describes a box.</summary>
    public static BoxRecord Of(BoxOrigin box) => new(box.Label, Math.Round(box.Score, 4),
        [.. new[] { box.Place.X, box.Place.Y, box.Place.Width, box.Place.Height }.Select(value => Math.Round(value, 1))]);
}

/// <summary>One method.</summary>
/// <param name="Name">Hyphenated name.</param>
/// <param name="Formula">Formula of the map.</param>
/// <param name="Paper">Where it is from.</param>
/// <param name="ForwardPasses">Predicted cost in forward passes.</param>
internal sealed record MethodRecord(string Name, string Formula, string Paper, double ForwardPasses);
