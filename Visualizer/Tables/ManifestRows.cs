using System.Text.Json;
using System.Text.Json.Serialization;
using CnnOnnx.Files;
using CnnOnnx.Inference;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Tables;

/// <summary>Rows of a picture that an earlier run finished, from the manifest in its folder, which has the same numbers.</summary>
/// <param name="Scores">Class scores; null where no output is a row of numbers.</param>
/// <param name="Tensors">A row for each tensor.</param>
internal sealed record ManifestRows(ClassScores? Scores, ManifestRows.Tensor[] Tensors)
{
    /// <summary>Reads the rows of a picture.</summary>
    /// <param name="folder">Folder of its results.</param>
    /// <param name="number">Number of the picture among all inputs, from 0.</param>
    /// <param name="picture">The picture as results over many inputs name it.</param>
    /// <param name="options">What is wanted.</param>
    /// <exception cref="BadInputException">The manifest is missing or damaged.</exception>
    public static PictureRows Read(string folder, long number, string picture, TableOptions options)
    {
        string path = Path.Combine(folder, DumpManifest.FileName);
        try
        {
            using FileStream file = File.OpenRead(path);
            ManifestRows found = JsonSerializer.Deserialize(file, ManifestRowsJson.Default.ManifestRows)
                ?? throw new JsonException("it is empty");
            return PictureRows.Of(number, picture, found.Scores, found.Tensors.Select(tensor => tensor.Row(options)));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new BadInputException($"{path}: cannot be read: {fault.Message}; delete it, and run again", fault);
        }
    }

    /// <summary>A tensor as the manifest has it; see <see cref="TensorRecord"/>.</summary>
    internal sealed record Tensor(int Index, string Name, string Op, string Dtype, long[] Shape, float Min, float Max, double Mean,
        double Std, double Zeros, long Nan, long Inf, Channels ByChannel)
    {
        public TensorRow Row(TableOptions options) => new(Index, Name, Op, Dtype, Shape, Min, Max, Mean, Std, Zeros, Nan, Inf,
            options.HasVectorsOf(Name) ? ByChannel.Mean : null);
    }

    /// <summary>Numbers of the channels as the manifest has them; see <see cref="ChannelTable"/>.</summary>
    internal sealed record Channels(float[] Mean);
}

/// <summary>JSON of manifests, as far as tables need it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    Converters = [typeof(CompactArray<float>), typeof(CompactArray<long>)])]
[JsonSerializable(typeof(ManifestRows))]
internal sealed partial class ManifestRowsJson : JsonSerializerContext;
