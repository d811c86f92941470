using CnnOnnx.Torch.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>Refuses weights and running statistics that are no numbers, before they are trained with, kept or exported.</summary>
internal static class WeightCheck
{
    /// <param name="module">The network; its weights stay as they are.</param>
    /// <param name="source">Name of the model, for messages.</param>
    /// <param name="when">End of the message: the time of the check, and the way out.</param>
    /// <param name="remedy">The way out that a program has an option for.</param>
    /// <exception cref="BadInputException">A weight or a statistic holds NaN or an infinity; names the first.</exception>
    public static void RequireFinite(OnnxModule module, string source, string when, Remedy remedy = Remedy.None)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        (string Name, Tensor Value)[] values =
            [.. module.state_dict().Select(e => (e.Key, e.Value)).Where(e => e.Value.is_floating_point())];
        if (values.Length == 0)
            return;
        // read once: each reading waits for an accelerator
        bool[] finite = stack([.. values.Select(v => v.Value.isfinite().all())]).cpu().data<bool>().ToArray();
        int first = Array.IndexOf(finite, false);
        if (first < 0)
            return;
        (string name, Tensor value) = values[first];
        long wrong = value.numel() - value.isfinite().sum().ToInt64();
        throw new BadInputException($"{source}: '{name}' holds {wrong:N0} NaN or infinite numbers among {value.numel():N0} {when}")
        {
            Remedy = remedy,
        };
    }
}
