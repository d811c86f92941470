using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>A network that sorts pictures into classes: what goes in, and which of its tensors is the scores.</summary>
/// <param name="Module">The network; disposed with this.</param>
/// <param name="Input">The input that takes the pictures.</param>
/// <param name="Logits">Name of the scores before any softmax or sigmoid: [N, classes], maybe with axes of 1 behind.</param>
internal sealed record Classifier(OnnxModule Module, NetworkInput Input, string Logits) : IDisposable
{
    private OnnxNode? _layerOfOneValue;
    private bool _isSearched;

    /// <summary>Pictures that the network takes at once; null for any number.</summary>
    public int? Batch { get; init; }

    /// <summary>The network has one score, which a sigmoid makes the probability of the second of two classes.</summary>
    public bool IsBinary { get; init; }

    /// <summary>Changes that were made so that the network can be trained, in words; null for none.</summary>
    public string? Remark { get; init; }

    /// <summary>A sigmoid makes each score a probability of its own, as for labels of which a picture may have several.</summary>
    public bool HasIndependentScores { get; init; }

    /// <summary>
    /// The first BatchNormalization that learns and gets one value a channel from each picture, as behind a global pool: one picture
    /// has no variance there. Null where there is none.
    /// </summary>
    public OnnxNode? LayerOfOneValue
    {
        get
        {
            if (!_isSearched)
                (_layerOfOneValue, _isSearched) = (FindLayerOfOneValue(), true);
            return _layerOfOneValue;
        }
    }

    /// <summary>Class scores [N, classes] whose softmax is the probabilities. The caller disposes them, or its scope does.</summary>
    /// <param name="pictures">
    /// [N, C, H, W], float32, on the network's device. Fewer than <see cref="Batch"/> are filled up with black ones, whose scores are
    /// dropped.
    /// </param>
    public Tensor Scores(Tensor pictures)
    {
        using DisposeScope scope = NewDisposeScope();
        long wanted = pictures.size(0), missing = (Batch ?? 0) - wanted;
        if (missing > 0)
            pictures = cat([pictures, zeros([missing, .. pictures.shape[1..]], pictures.dtype, pictures.device)]);
        Tensor scores = Module.Run([(Input.Name, Input.Fit(pictures))], [Logits])[0].flatten(1);
        if (missing > 0)
            scores = scores.narrow(0, 0, wanted);
        if (scores.dtype != ScalarType.Float32)
            scores = scores.to(ScalarType.Float32);
        // sigmoid(z) is the second of softmax([0, z]), and cross-entropy over these is binary cross-entropy on z
        if (IsBinary)
            scores = cat([zeros_like(scores), scores], 1);
        return scores.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Finds the number of pictures that the network takes at once: the one that it declares; one, where an exporter has folded that
    /// into the shapes inside although the input declares any number; null for any number.
    /// </summary>
    /// <param name="input">Preprocessing of the pictures.</param>
    /// <param name="device">Device of the network.</param>
    public int? FindBatch(InputSpec input, Device device)
    {
        const int several = 2;
        if (Batch is not null)
            return Batch;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        Module.eval();
        try
        {
            return Scores(zeros([several, input.ChannelCount, input.Height, input.Width], device: device)).size(0) == several ? null : 1;
        }
        // If it takes no single picture either, the run that follows says why.
        catch (BadInputException)
        {
            return 1;
        }
    }

    /// <summary>Number of classes that the network tells apart, found out by running it on empty pictures.</summary>
    /// <exception cref="BadInputException">The network does not take such pictures.</exception>
    public int CountClasses(InputSpec input, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        Module.eval();
        return (int)Scores(zeros([Batch ?? 1, input.ChannelCount, input.Height, input.Width], device: device)).size(1);
    }

    /// <summary>Itself, with first weights where it has none and with the weights frozen that are to stay.</summary>
    /// <exception cref="BadInputException">
    /// A name to freeze that no weight has, nothing left to train, or weights that are no numbers.
    /// </exception>
    public Classifier Started(TrainingOptions options)
    {
        WeightInit.Fill(Module, options.Init);
        WeightCheck.RequireFinite(Module, Module.Model.Source, "before the training; expected finite numbers");
        Freezing.Apply(Module, options.Freeze);
        return this;
    }

    public void Dispose() => Module.Dispose();

    private OnnxNode? FindLayerOfOneValue()
    {
        const int pictures = 2;
        OnnxNode[] layers = [.. Module.Model.Graph.Nodes.Where(IsLearning)];
        if (layers.Length == 0)
            return null;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        bool wasTraining = Module.training;
        Module.eval();
        Tensor empty = zeros(Input.ShapeIn(Module.Model, pictures), Input.Type, Module.parameters().First().device);
        Tensor[] inputs = Module.Run([(Input.Name, empty)], [.. layers.Select(layer => layer.Inputs[0])]);
        Module.train(wasTraining);
        return layers.Zip(inputs).FirstOrDefault(pair => pair.Second.numel() == pictures * pair.Second.size(1)).First;
    }

    // Frozen as a whole, it normalises by its running statistics; with training_mode it divides by N and not by N − 1.
    private bool IsLearning(OnnxNode node) => node.OpType == "BatchNormalization" && node.Int("training_mode", 0) == 0
        && !new[] { 1, 2 }.All(i => Module.get_parameter(node.Inputs[i]) is { requires_grad: false });
}
