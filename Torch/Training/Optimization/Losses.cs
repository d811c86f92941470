using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>Losses of class scores.</summary>
internal static class Losses
{
    public const string Softmax = "softmax", Sigmoid = "sigmoid";

    // As Keras keeps probabilities from 0 and 1.
    private const double LeastProbability = 1e-7;

    /// <summary>Names of the losses: of the softmax of the scores, or of their sigmoids, divided by their sum.</summary>
    public static string[] Names { get; } = [Sigmoid, Softmax];

    /// <summary>Scores whose softmax is the probabilities that a loss judges.</summary>
    /// <param name="loss">A name of <see cref="Names"/>.</param>
    /// <param name="scores">[N, classes].</param>
    /// <returns>In the caller's scope; the same tensor for softmax.</returns>
    public static Tensor ScoresFor(string loss, Tensor scores) =>
        loss == Sigmoid ? scores.sigmoid().clamp(LeastProbability, 1 - LeastProbability).log() : scores;

    /// <summary>
    /// PyTorch's cross-entropy: −Σ w·q·log p, where q is 1 for the right class but for a share that is spread over all, divided by the
    /// weights of the right classes.
    /// </summary>
    /// <param name="scores">[N, classes], before any softmax.</param>
    /// <param name="targets">Class indices [N], int64.</param>
    /// <param name="weights">[classes]; null for equal ones.</param>
    /// <param name="smoothing">Share 0..1 of each answer that is spread over all classes.</param>
    /// <returns>A scalar; the caller disposes it, or its scope does.</returns>
    public static Tensor CrossEntropy(Tensor scores, Tensor targets, Tensor? weights, double smoothing)
    {
        if (smoothing == 0)
            return nn.functional.cross_entropy(scores, targets, weights);
        using DisposeScope scope = NewDisposeScope();
        Tensor logs = nn.functional.log_softmax(scores, 1);
        Tensor right = nn.functional.nll_loss(logs, targets, weights);
        Tensor spread = weights is null
            ? -logs.mean()
            : -(logs * weights).sum() / (weights.index_select(0, targets).sum() * scores.size(1));
        return ((right * (1 - smoothing)) + (spread * smoothing)).MoveToOuterDisposeScope();
    }
}
