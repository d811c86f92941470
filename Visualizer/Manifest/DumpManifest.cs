using System.Security.Cryptography;
using System.Text.Json.Serialization;
using CnnOnnx.Detection;
using CnnOnnx.Files;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Pages;
using CnnOnnx.Statistics;

namespace CnnOnnx.Visualizer.Manifest;

/// <summary>Everything that is known about one dump: manifest.json.</summary>
internal sealed record DumpManifest
{
    public const string FileName = "manifest.json";

    /// <summary>Hash of input, model and options: a dump with the same one has the same files.</summary>
    public required string Fingerprint { get; init; }

    public required ModelRecord Model { get; init; }

    public required InputRecord Input { get; init; }

    /// <summary>How the picture became the input; null when tensors were given.</summary>
    public required InputSpec? Preprocessing { get; init; }

    /// <summary>Origin of the preprocessing, in words.</summary>
    public required string PreprocessingSource { get; init; }

    /// <summary>Preset that was guessed, and why; null where the model card or options say how, and where tensors were given.</summary>
    public required PreprocessingGuess? Guess { get; init; }

    /// <summary>The device that was really used.</summary>
    public required string Device { get; init; }

    public required OptimizationLevel Optimization { get; init; }

    /// <summary>How many nodes of the model the tensors need; no other was run.</summary>
    public required int NeededNodes { get; init; }

    /// <summary>Time of the run alone; its share where a batch was run.</summary>
    public required double RunMilliseconds { get; init; }

    /// <summary>How far each final output is from what the model gives when no inner tensor is asked for.</summary>
    public required IReadOnlyList<OutputDifference> ExposureDifference { get; init; }

    /// <summary>Assumptions that were made, in words.</summary>
    public required string[] Remarks { get; init; }

    public required ClassScores? Scores { get; init; }

    /// <summary>Picture that the model makes; null for models that make none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WrittenPicture? OutputPicture { get; init; }

    /// <summary>What a detector found in the input; null for a model that is none.</summary>
    public BoxesRecord? Detected { get; init; }

    /// <summary>Percentages of the tensors' percentiles, 0 to 100.</summary>
    public double[] Percentages { get; init; } = TensorNumbers.Percentages;

    public required TensorRecord[] Tensors { get; init; }

    /// <summary>Tensors that were wanted and cannot be shown.</summary>
    public required IReadOnlyList<SkippedTensor> Skipped { get; init; }

    /// <summary>Reason → how many tensors were not wanted.</summary>
    public required IReadOnlyDictionary<string, int> LeftOut { get; init; }

    /// <summary>Pictures of weights; their files are relative to this manifest, too.</summary>
    public required IReadOnlyList<KernelRecord> Kernels { get; init; }

    /// <summary>The archive of all numbers; null without --raw.</summary>
    public required string? Raw { get; init; }

    /// <summary>
    /// All files of the dump in its folder but this one: what the next dump there removes. They are known when the report is there.
    /// </summary>
    [JsonPropertyOrder(int.MaxValue)]
    public required IEnumerable<string> Files { get; init; }
}

/// <summary>Which model it was.</summary>
/// <param name="File">The file as it was given.</param>
/// <param name="Sha256">Hash of the file, in hexadecimal.</param>
/// <param name="Producer">Program that exported it; may be empty.</param>
/// <param name="Opset">Version of ai.onnx.</param>
/// <param name="Weights">Number of elements of all initializers.</param>
internal sealed record ModelRecord(string File, string Sha256, string Producer, long Opset, long Weights)
{
    public static ModelRecord Of(OnnxModel model, string sha256) => new(
        model.Source, sha256, model.Producer, model.Opsets.GetValueOrDefault(""),
        model.Graph.Initializers.Sum(tensor => tensor.Shape.Count));

    /// <summary>SHA-256 of a file, in hexadecimal.</summary>
    public static string HashOf(string path)
    {
        using FileStream file = System.IO.File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}

/// <summary>The input that the run was made on.</summary>
/// <param name="File">The input as it was given.</param>
/// <param name="Width">Width of the picture in pixels; null for tensors.</param>
/// <param name="Height">Height of the picture in pixels; null for tensors.</param>
/// <param name="Shape">Axes of the tensor that the network got.</param>
/// <param name="Picture">A small copy of it.</param>
/// <param name="NetworkPicture">The picture as the network sees it.</param>
internal sealed record InputRecord(
    string File, int? Width, int? Height, long[] Shape, WrittenPicture? Picture, WrittenPicture? NetworkPicture);

/// <summary>What a detector found in the input.</summary>
/// <param name="Layout">Layout of its head.</param>
/// <param name="Picture">The input with the boxes.</param>
/// <param name="Boxes">The boxes, the surest first.</param>
internal sealed record BoxesRecord(string Layout, WrittenPicture Picture, BoxRecord[] Boxes)
{
    /// <summary>Maps of the head over the picture; empty where its rows are no cells.</summary>
    public LevelRecord[] Levels { get; init; } = [];
}

/// <summary>A map of a detector's head over the picture.</summary>
/// <param name="Columns">Cells in a row.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="IsObjectness">True where the head says whether anything is there; false where its best class's score is taken.</param>
/// <param name="Highest">Highest score of a cell, 0 to 1.</param>
/// <param name="Picture">The picture with the map, the boxes of this level and their cells.</param>
internal sealed record LevelRecord(int Columns, int Rows, bool IsObjectness, double Highest, WrittenPicture Picture);

/// <summary>One box, in pixels of the picture as it was given.</summary>
/// <param name="Label">Name of the class.</param>
/// <param name="Score">Score, 0 to 1.</param>
/// <param name="X">Left edge.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Width">Width.</param>
/// <param name="Height">Height.</param>
internal sealed record BoxRecord(string Label, double Score, double X, double Y, double Width, double Height)
{
    /// <summary>The cell of the head that made it; null where its rows are no cells.</summary>
    public HeadCell? Cell { get; init; }
}

/// <summary>JSON of dumps, made at compile time so that the program starts fast. NaN is written as "NaN".</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    WriteIndented = true,
    Converters = [typeof(CompactArray<float>), typeof(CompactArray<double>), typeof(CompactArray<long>), typeof(CompactArray<int>)])]
[JsonSerializable(typeof(DumpManifest))]
[JsonSerializable(typeof(FinishedDump))]
[JsonSerializable(typeof(ListedFiles))]
internal sealed partial class ManifestJson : JsonSerializerContext
{
    public static ManifestJson Readable => field ??= new(JsonSettings.Readable(Default.Options));
}
