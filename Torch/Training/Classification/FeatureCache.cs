using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CnnOnnx.Files;
using CnnOnnx.Formats;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Operators;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>Features of the pictures of a data set's part, and their classes.</summary>
/// <param name="Features">[N, features] or [N, features, height, width].</param>
/// <param name="Targets">Class indices [N], int64.</param>
/// <param name="Places">Places of the pictures among all of the part [N], int64: those that cannot be read are missing.</param>
internal readonly record struct FeatureRows(Tensor Features, Tensor Targets, Tensor Places);

/// <summary>All that features follow from, as words and hashes: kept beside them, and compared before they are used again.</summary>
/// <param name="Backbone">SHA-256 of the nodes and weights that make the features.</param>
/// <param name="Preprocessing">Preprocessing of the pictures.</param>
/// <param name="Pictures">SHA-256 of the pictures as the network gets them, in order and with their classes, part by part.</param>
/// <param name="Runtime">Name and version of what computes the features.</param>
internal sealed record FeatureKey(string Backbone, string Preprocessing, string Pictures, string Runtime)
{
    /// <summary>The key of a network's features of pictures, which are read once for it.</summary>
    /// <param name="classifier">The network; its features are known.</param>
    /// <param name="parts">Pictures to learn from, to validate and to test with, without an augmentation.</param>
    /// <param name="picturesAtOnce">Pictures that are in memory at once.</param>
    /// <param name="cancel">Ends the reading.</param>
    public static FeatureKey Of(
        Classifier classifier, IReadOnlyList<BatchSource> parts, int picturesAtOnce, CancellationToken cancel)
    {
        using var pictures = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (BatchSource part in parts)
        {
            pictures.AppendData(Encoding.UTF8.GetBytes($"{part.Count} "));
            var order = BatchOrder.InSequence(part.Count, picturesAtOnce);
            using BatchReader batches = part.Open(order, 0, CPU, cancel);
            for (int i = 0; i < order.Count; i++)
            {
                cancel.ThrowIfCancellationRequested();
                using DisposeScope scope = NewDisposeScope();
                Batch batch = batches.Next();
                if (batch.Count == 0)
                    continue;
                pictures.AppendData(batch.Inputs.contiguous().bytes);
                pictures.AppendData(batch.Targets.bytes);
            }
        }

        return new FeatureKey(HashOf(classifier), parts[0].Spec.ToString(), Text(pictures),
            $"ONNX Runtime {OrtEnv.Instance().GetVersionString()}");
    }

    /// <summary>The first thing in which another key differs, as part of a sentence; null for none.</summary>
    public string? DifferenceFrom(FeatureKey other) =>
        Backbone != other.Backbone ? "of another network or other weights"
        : Preprocessing != other.Preprocessing ? $"of pictures prepared as {other.Preprocessing}"
        : Pictures != other.Pictures ? "of other pictures, or of others to learn from"
        : Runtime != other.Runtime ? $"computed by {other.Runtime}"
        : null;

    private static string HashOf(Classifier classifier)
    {
        OnnxModel model = classifier.Module.Model;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (OnnxNode node in model.Graph.NodesFor([classifier.Features!]))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{node.Domain} {node.Opset} "));
            hash.AppendData(node.ToBytes());
            foreach (string name in NodeOrder.UsedNames(node).Where(model.Graph.Initializer.ContainsKey))
            {
                OnnxTensor weight = model.Graph.Initializer[name];
                hash.AppendData(Encoding.UTF8.GetBytes($"{weight} "));
                hash.AppendData((classifier.Module.CurrentBytes(weight) ?? weight.Load().Bytes).Span);
            }
        }

        return Text(hash);
    }

    private static string Text(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset());
}

/// <summary>
/// Features in a file, for the next training on the same pictures: part by part, in a safetensors file with the key of what they
/// follow from. A file that does not fit is replaced, and the reason is told.
/// </summary>
internal sealed class FeatureCache
{
    private const string Key = "cnnonnx.features", FeaturesOf = "features/", ClassesOf = "classes/", PlacesOf = "places/";

    private readonly Func<FeatureKey, string> _pathOf;

    private FeatureCache(Func<FeatureKey, string> pathOf) => _pathOf = pathOf;

    /// <summary>Called with what was read, computed or not used, and why, in words.</summary>
    public Action<string>? Note { get; init; }

    /// <summary>One file, for the features of one training.</summary>
    public static FeatureCache At(string file, Action<string>? note) => new(_ => file) { Note = note };

    /// <summary>A folder for the features of any trainings; each set has a file named by what it follows from.</summary>
    public static FeatureCache In(string folder, Action<string>? note) => new(key =>
    {
        byte[] hash = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(key));
        return Path.Combine(folder, $"{Convert.ToHexStringLower(hash)[..20]}.features.safetensors");
    })
    { Note = note };

    /// <summary>Features that the file holds; null where it holds none that fit, which is told. The caller disposes the tensors.</summary>
    /// <param name="key">What they have to follow from.</param>
    /// <param name="parts">Names of the parts that are wanted.</param>
    public IReadOnlyDictionary<string, FeatureRows>? Read(FeatureKey key, IReadOnlyList<string> parts)
    {
        string path = _pathOf(key);
        if (!File.Exists(path))
            return null;
        try
        {
            using SafeTensorsFile file = SafeTensorsFile.Open(path, "file of features");
            FeatureKey? kept = file.Texts.TryGetValue(Key, out string? text) ? JsonSerializer.Deserialize<FeatureKey>(text) : null;
            string? difference = kept is null ? "of something unknown" : key.DifferenceFrom(kept);
            if (difference is not null)
            {
                Note?.Invoke($"the features in {path} are {difference}; they are computed again");
                return null;
            }

            using DisposeScope scope = NewDisposeScope();
            var found = parts.ToDictionary(part => part, part => new FeatureRows(
                Load(file, path, FeaturesOf + part), Load(file, path, ClassesOf + part), Load(file, path, PlacesOf + part)));
            Note?.Invoke($"the features of {found.Values.Sum(rows => rows.Targets.numel()):N0} pictures are read from {path}");
            foreach (FeatureRows rows in found.Values)
                foreach (Tensor value in new[] { rows.Features, rows.Targets, rows.Places })
                    value.DetachFromDisposeScope();
            return found;
        }
        catch (Exception fault) when (fault is BadInputException or JsonException)
        {
            Note?.Invoke($"the features cannot be used and are computed again ({fault.Message})");
            return null;
        }
    }

    /// <summary>Writes a whole file or none.</summary>
    /// <exception cref="BadInputException">The place cannot be written.</exception>
    public void Write(FeatureKey key, IReadOnlyDictionary<string, FeatureRows> parts, TimeSpan elapsed)
    {
        string path = _pathOf(key);
        OutputFolder.Create(Path.GetDirectoryName(Path.GetFullPath(path))!);
        TensorFile.Write(path,
            [.. parts.SelectMany(part => new[]
            {
                (FeaturesOf + part.Key, part.Value.Features), (ClassesOf + part.Key, part.Value.Targets),
                (PlacesOf + part.Key, part.Value.Places),
            })],
            Key, JsonSerializer.Serialize(key));
        const double megabyte = 1 << 20;
        Note?.Invoke($"the features of {parts.Values.Sum(rows => rows.Targets.numel()):N0} pictures were computed in "
            + $"{elapsed.TotalSeconds:0.0} s and are kept in {path} ({new FileInfo(path).Length / megabyte:0.0} MB)");
    }

    private static Tensor Load(SafeTensorsFile file, string path, string name)
    {
        SafeTensor found = file.Tensors.GetValueOrDefault(name) ?? throw new BadInputException($"{path}: has no '{name}'");
        Tensor value = empty([.. found.Shape.Dims], TorchTensors.SameInMemory(found.Type)
            ?? throw new BadInputException($"{path}: '{name}' is {found}, expected numbers that TorchSharp has"));
        TensorFile.ReadInto(file, path, [(name, value)]);
        return value;
    }
}
