using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>How far an output of the model is from itself when inner tensors are outputs too.</summary>
/// <param name="Name">Of the output.</param>
/// <param name="Largest">The largest absolute difference of two elements; NaN when only one of them is NaN.</param>
public sealed record OutputDifference(string Name, double Largest)
{
    internal static OutputDifference Between(Activation exposed, OrtValue plain)
    {
        var other = new Activation(exposed.Name, exposed.Op, exposed.Node, plain, owner: null);
        try
        {
            return new OutputDifference(exposed.Name, exposed.Shape == other.Shape ? Between(exposed.Values, other.Values) : double.NaN);
        }
        finally
        {
            other.Free();
        }
    }

    private static double Between(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double largest = 0;
        for (int i = 0; i < left.Length; i++)
        {
            // Equal infinities and two NaNs are no difference.
            if (left[i].Equals(right[i]))
                continue;
            double difference = Math.Abs((double)left[i] - right[i]);
            if (!(difference <= largest))
                largest = difference;
            if (double.IsNaN(largest))
                break;
        }

        return largest;
    }
}
