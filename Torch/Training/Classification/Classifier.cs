using CnnOnnx.Imaging;
using CnnOnnx.Torch.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>A network that sorts pictures into classes: what goes in, and which of its tensors is the scores.</summary>
/// <param name="Module">The network; disposed with this.</param>
/// <param name="Input">Name of the input that takes the pictures.</param>
/// <param name="Logits">Name of the scores before any softmax: [N, classes], maybe with axes of 1 behind.</param>
internal sealed record Classifier(OnnxModule Module, string Input, string Logits) : IDisposable
{
    /// <summary>Class scores [N, classes]. The caller disposes them, or its scope does.</summary>
    public Tensor Scores(Tensor pictures)
    {
        using DisposeScope scope = NewDisposeScope();
        return Module.Run([(Input, pictures)], [Logits])[0].flatten(1).MoveToOuterDisposeScope();
    }

    /// <summary>How many pictures the network takes at once; null for any number.</summary>
    public int? Batch { get; init; }

    /// <summary>How many classes the network tells apart, found out by running it on empty pictures.</summary>
    /// <exception cref="BadInputException">The network does not take such pictures.</exception>
    public int CountClasses(InputSpec input, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        Module.eval();
        return (int)Scores(zeros([Batch ?? 1, input.ChannelCount, input.Height, input.Width], device: device)).size(1);
    }

    /// <summary>Itself, with first weights where it has none and with the weights frozen that are to stay.</summary>
    /// <exception cref="BadInputException">A name to freeze that no weight has, or nothing left to train.</exception>
    public Classifier Started(TrainingOptions options)
    {
        WeightInit.Fill(Module, options.Init);
        Freezing.Apply(Module, options.Freeze);
        return this;
    }

    public void Dispose() => Module.Dispose();
}
