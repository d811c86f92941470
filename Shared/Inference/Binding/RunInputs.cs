using CnnOnnx.Imaging;
using CnnOnnx.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>Everything that one run is given. Owns the values.</summary>
internal sealed class RunInputs : IDisposable
{
    public Dictionary<string, OrtValue> Values { get; } = [];

    /// <summary>Assumptions that were made, in words.</summary>
    public List<string> Remarks { get; } = [];

    /// <summary>How the picture was made into the input; null when there was no picture.</summary>
    public InputSpec? Preprocessing { get; set; }

    /// <summary>Guess behind the preprocessing; null where nothing was guessed.</summary>
    public PreprocessingGuess? Guess { get; set; }

    /// <summary>Names of the outputs; null where there are none.</summary>
    public OutputNames? Names { get; init; }

    /// <summary>
    /// Which size was taken for an input that declares none, and where from, in words; null when the model says its size.
    /// </summary>
    public string? TakenSize { get; set; }

    /// <summary>How many of the batch were given; the rest repeats them.</summary>
    public int Samples { get; set; } = 1;

    /// <summary>How many samples the run has, repeated ones included.</summary>
    public int Batch { get; set; } = 1;

    /// <summary>The model takes any number of samples: a length that it fixes is not that of the batch.</summary>
    public bool IsBatchFree { get; set; }

    /// <summary>Describes the sizes in one line, the same for runs whose tensors have the same sizes.</summary>
    public string DescribeShapes() =>
        string.Join("; ", Values.Select(v => $"{v.Key} {new TensorShape(v.Value.GetTensorTypeAndShape().Shape)}"));

    public void Dispose()
    {
        foreach (OrtValue value in Values.Values)
            value.Dispose();
    }
}
