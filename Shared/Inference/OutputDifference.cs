using CnnOnnx.Statistics;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>How far an output of the model is from itself when inner tensors are outputs too.</summary>
/// <param name="Name">Name of the output.</param>
/// <param name="Largest">The largest absolute difference of two elements; NaN when only one of them is NaN.</param>
public sealed record OutputDifference(string Name, double Largest)
{
    internal static OutputDifference Between(Activation exposed, OrtValue plain)
    {
        var other = new Activation(exposed.Name, exposed.Op, exposed.Node, plain, owner: null);
        try
        {
            bool isComparable = exposed.Shape == other.Shape;
            return new OutputDifference(exposed.Name, isComparable ? Difference.Between(exposed.Values, other.Values).Largest : double.NaN);
        }
        finally
        {
            other.Free();
        }
    }
}
