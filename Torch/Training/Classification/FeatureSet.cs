using System.Diagnostics;
using CnnOnnx.Files;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// Features of labelled pictures that a frozen backbone has made once, by ONNX Runtime: what a classifier learns from in each epoch.
/// </summary>
internal sealed class FeatureSet : BatchSource
{
    private const int PicturesAtOnce = 16;

    private readonly BatchSource _pictures;
    private readonly int[] _places;
    private readonly Tensor _features, _targets;

    private FeatureSet(BatchSource pictures, int[] places, Tensor features, Tensor targets, int[] labels)
        : base(pictures.Spec, [.. pictures.Classes], labels) =>
        (_pictures, _places, _features, _targets) = (pictures, places, features, targets);

    public override IReadOnlyList<string> Unreadable => _pictures.Unreadable;

    /// <summary>The features of all pictures of a training; the pictures stay the caller's, and the caller disposes these.</summary>
    /// <param name="data">Pictures without an augmentation.</param>
    /// <param name="classifier">A network with features.</param>
    /// <param name="progress">Told how many more pictures are done.</param>
    /// <param name="cache">Features of an earlier training, and the place for those of this one; null for none.</param>
    /// <exception cref="BadInputException">ONNX Runtime does not take the backbone, or the cache cannot be written.</exception>
    public static TrainingData Of(TrainingData data, Classifier classifier, Device device, Action<int>? progress, CancellationToken cancel,
        FeatureCache? cache = null)
    {
        (string Name, BatchSource Pictures)[] parts = [.. new (string, BatchSource?)[]
            { ("train", data.Train), ("validation", data.Validation), ("test", data.Test) }
            .Where(part => part.Item2 is not null).Select(part => (part.Item1, part.Item2!)).DistinctBy(part => part.Item2)];
        FeatureKey? key = cache is null ? null : FeatureKey.Of(classifier, [.. parts.Select(p => p.Pictures)], PicturesAtOnce, cancel);
        IReadOnlyDictionary<string, FeatureRows>? rows = key is null ? null : cache!.Read(key, [.. parts.Select(p => p.Name)]);
        if (rows is null)
        {
            long started = Stopwatch.GetTimestamp();
            rows = Compute(parts, classifier, progress, cancel);
            cache?.Write(key!, rows, Stopwatch.GetElapsedTime(started));
        }

        Dictionary<BatchSource, FeatureSet> made = parts.ToDictionary(p => p.Pictures, p => On(device, p.Pictures, rows[p.Name]));
        return data with
        {
            Train = made[data.Train],
            Validation = made[data.Validation],
            Test = data.Test is null ? null : made[data.Test],
            Pictures = data.Validation,
        };
    }

    /// <summary>One picture's bytes, as the pictures have them.</summary>
    public override ReadOnlySpan<byte> Bytes(int index) => _pictures.Bytes(_places[index]);

    public override BatchReader Open(BatchOrder order, int first, Device device, CancellationToken cancel) =>
        new Reader(this, order, first);

    public override void Dispose()
    {
        _features.Dispose();
        _targets.Dispose();
    }

    private static Dictionary<string, FeatureRows> Compute(
        (string Name, BatchSource Pictures)[] parts, Classifier classifier, Action<int>? progress, CancellationToken cancel)
    {
        // as it stands in memory, whatever its weights came from
        string folder = Path.Combine(Path.GetTempPath(), $"cnnonnx-{Guid.NewGuid():N}");
        OutputFolder.Create(folder);
        var made = new Dictionary<string, FeatureRows>();
        try
        {
            string file = Path.Combine(folder, "backbone.onnx");
            classifier.Module.Save(file);
            using var backbone = new RuntimePrefix(OnnxModel.Read(file), [classifier.Features!]);
            foreach ((string name, BatchSource pictures) in parts)
                made[name] = Rows(pictures, classifier.Input, backbone, progress, cancel);
            return made;
        }
        catch
        {
            foreach (FeatureRows rows in made.Values)
                Free(rows);
            throw;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Free(FeatureRows rows)
    {
        rows.Features.Dispose();
        rows.Targets.Dispose();
        rows.Places.Dispose();
    }

    /// <summary>The features on a device; takes the tensors over.</summary>
    private static FeatureSet On(Device device, BatchSource pictures, FeatureRows rows)
    {
        using DisposeScope scope = NewDisposeScope();
        int[] labels = [.. rows.Targets.data<long>().Select(label => (int)label)];
        Tensor Moved(Tensor value) => (device.type == DeviceType.CPU ? value : value.to(device)).DetachFromDisposeScope();
        int[] places = [.. rows.Places.data<long>().Select(place => (int)place)];
        var made = new FeatureSet(pictures, places, Moved(rows.Features), Moved(rows.Targets), labels);
        if (device.type == DeviceType.CPU)
            rows.Places.Dispose();
        else
            Free(rows);
        return made;
    }

    private static FeatureRows Rows(
        BatchSource pictures, NetworkInput input, RuntimePrefix backbone, Action<int>? progress, CancellationToken cancel)
    {
        using DisposeScope scope = NewDisposeScope();
        var order = BatchOrder.InSequence(pictures.Count, PicturesAtOnce);
        using BatchReader batches = pictures.Open(order, 0, CPU, cancel);
        List<Tensor> features = [], targets = [];
        List<long> places = [];
        for (int i = 0; i < order.Count; i++)
        {
            using DisposeScope each = NewDisposeScope();
            Batch batch = batches.Next();
            if (batch.Count > 0)
            {
                features.Add(backbone.Run([(input.Name, input.Fit(batch.Inputs))], cancel)[0].MoveToOuterDisposeScope());
                targets.Add(batch.Targets.MoveToOuterDisposeScope());
                int[] indices = [.. order[i]];
                places.AddRange((batch.Places is { } read ? read.Select(place => indices[place]) : indices).Select(place => (long)place));
            }

            progress?.Invoke(order[i].Length);
        }

        return new FeatureRows(cat(features).DetachFromDisposeScope(), cat(targets).DetachFromDisposeScope(),
            tensor(places, ScalarType.Int64).DetachFromDisposeScope());
    }

    private sealed class Reader(FeatureSet set, BatchOrder order, int next) : BatchReader
    {
        private int _next = next;

        public override Batch Next()
        {
            if (_next >= order.Count)
                throw new InvalidOperationException("There is no other batch.");
            using DisposeScope scope = NewDisposeScope();
            long[] indices = [.. order[_next++].ToArray().Select(i => (long)i)];
            Tensor chosen = tensor(indices, device: set._features.device);
            return new Batch(set._features.index_select(0, chosen).MoveToOuterDisposeScope(),
                set._targets.index_select(0, chosen).MoveToOuterDisposeScope());
        }

        public override void Dispose()
        {
        }
    }
}
