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
    /// <exception cref="BadInputException">ONNX Runtime does not take the backbone.</exception>
    public static TrainingData Of(TrainingData data, Classifier classifier, Device device, Action<int>? progress, CancellationToken cancel)
    {
        // as it stands in memory, whatever its weights came from
        string folder = Path.Combine(Path.GetTempPath(), $"cnnonnx-{Guid.NewGuid():N}");
        OutputFolder.Create(folder);
        var made = new Dictionary<BatchSource, FeatureSet>();
        try
        {
            string file = Path.Combine(folder, "backbone.onnx");
            classifier.Module.Save(file);
            using var backbone = new RuntimePrefix(OnnxModel.Read(file), [classifier.Features!]);
            foreach (BatchSource pictures in new[] { data.Train, data.Validation, data.Test }.OfType<BatchSource>().Distinct())
                made[pictures] = Of(pictures, classifier.Input, backbone, device, progress, cancel);
            return data with
            {
                Train = made[data.Train],
                Validation = made[data.Validation],
                Test = data.Test is null ? null : made[data.Test],
                Pictures = data.Validation,
            };
        }
        catch
        {
            foreach (FeatureSet set in made.Values)
                set.Dispose();
            throw;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
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

    private static FeatureSet Of(BatchSource pictures, NetworkInput input, RuntimePrefix backbone, Device device, Action<int>? progress,
        CancellationToken cancel)
    {
        using DisposeScope scope = NewDisposeScope();
        var order = BatchOrder.InSequence(pictures.Count, PicturesAtOnce);
        using BatchReader batches = pictures.Open(order, 0, CPU, cancel);
        List<Tensor> features = [], targets = [];
        List<int> places = [];
        for (int i = 0; i < order.Count; i++)
        {
            using DisposeScope each = NewDisposeScope();
            Batch batch = batches.Next();
            if (batch.Count > 0)
            {
                features.Add(backbone.Run([(input.Name, input.Fit(batch.Inputs))], cancel)[0].MoveToOuterDisposeScope());
                targets.Add(batch.Targets.MoveToOuterDisposeScope());
                int[] indices = [.. order[i]];
                places.AddRange(batch.Places is { } read ? read.Select(place => indices[place]) : indices);
            }

            progress?.Invoke(order[i].Length);
        }

        Tensor all = cat(targets);
        int[] labels = [.. all.data<long>().Select(label => (int)label)];
        return new FeatureSet(pictures, [.. places], cat(features).to(device).DetachFromDisposeScope(),
            all.to(device).DetachFromDisposeScope(), labels);
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
