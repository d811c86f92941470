using System.Collections.Frozen;

namespace CnnOnnx.Torch.Training;

/// <summary>Courses of the learning rate: its factor as a function of the share 0..1 of all steps that are done.</summary>
internal static class Schedules
{
    public static FrozenDictionary<string, Func<double, double>> Factor { get; } = new Dictionary<string, Func<double, double>>
    {
        ["constant"] = _ => 1,
        // Loshchilov and Hutter, SGDR: https://arxiv.org/abs/1608.03983, one period and no restart.
        ["cosine"] = done => (1 + Math.Cos(Math.PI * done)) / 2,
        // A tenth after each third.
        ["step"] = done => Math.Pow(0.1, Math.Floor(3 * done)),
    }.ToFrozenDictionary();
}
