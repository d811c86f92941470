using CnnOnnx.Imaging;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>Everything that one run is given. Owns the values.</summary>
internal sealed class RunInputs : IDisposable
{
    public Dictionary<string, OrtValue> Values { get; } = [];

    /// <summary>What had to be assumed, in words.</summary>
    public List<string> Remarks { get; } = [];

    /// <summary>How the picture was made into the input; null when there was no picture.</summary>
    public InputSpec? Preprocessing { get; set; }

    /// <summary>How many of the batch were given; the rest repeats them.</summary>
    public int Samples { get; set; } = 1;

    public void Dispose()
    {
        foreach (OrtValue value in Values.Values)
            value.Dispose();
    }
}
