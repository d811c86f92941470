using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>Measures a network on labelled pictures.</summary>
internal sealed class Evaluation(Classifier classifier, PictureSet pictures, Device device)
{
    /// <summary>Pictures at once.</summary>
    public int Batch { get; init; } = 256;

    /// <summary>The network's class for each class of the set; the same number when not given.</summary>
    public int[] ClassOf { get; init; } = [.. Enumerable.Range(0, pictures.Classes.Count)];

    /// <summary>How many classes the network has.</summary>
    public int Classes { get; init; } = pictures.Classes.Count;

    /// <summary>Runs the network over all pictures, in eval mode and without gradients; leaves it in the mode it was in.</summary>
    /// <param name="progress">Told how many more pictures are done.</param>
    public Score Measure(Action<int>? progress, CancellationToken cancel)
    {
        bool wasTraining = classifier.Module.training;
        classifier.Module.eval();
        using IDisposable noGradients = no_grad();
        try
        {
            var confusion = new ConfusionMatrix(Classes);
            double lossSum = 0;
            int[] order = [.. Enumerable.Range(0, pictures.Count)];
            for (int start = 0; start < order.Length; start += Batch)
            {
                cancel.ThrowIfCancellationRequested();
                ReadOnlySpan<int> indices = order.AsSpan(start, Math.Min(Batch, order.Length - start));
                lossSum += Add(indices, confusion);
                progress?.Invoke(indices.Length);
            }

            return new Score(lossSum / pictures.Count, confusion);
        }
        finally
        {
            classifier.Module.train(wasTraining);
        }
    }

    /// <summary>Counts a batch; returns the sum of its losses.</summary>
    private double Add(ReadOnlySpan<int> indices, ConfusionMatrix confusion)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor input, _) = pictures.Read(indices, device);
        long[] actual = new long[indices.Length];
        for (int i = 0; i < actual.Length; i++)
            actual[i] = ClassOf[pictures.Labels[indices[i]]];
        Tensor scores = classifier.Scores(input);
        long[] predicted = scores.argmax(1).cpu().data<long>().ToArray();
        for (int i = 0; i < actual.Length; i++)
            confusion.Add((int)actual[i], (int)predicted[i]);
        return nn.functional.cross_entropy(scores, tensor(actual, device: device), reduction: nn.Reduction.Sum).ToDouble();
    }
}
