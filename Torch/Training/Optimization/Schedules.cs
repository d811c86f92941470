using System.Collections.Frozen;

namespace CnnOnnx.Torch.Training;

/// <summary>Courses of the learning rate: its factor by the share 0..1 of all steps that are done, and by whole epochs.</summary>
internal static class Schedules
{
    public static FrozenDictionary<string, Func<double, int, double>> Factor { get; } = new Dictionary<string, Func<double, int, double>>
    {
        ["constant"] = (_, _) => 1,
        // Loshchilov and Hutter, SGDR: https://arxiv.org/abs/1608.03983, one period and no restart.
        ["cosine"] = (done, _) => (1 + Math.Cos(Math.PI * done)) / 2,
        // A tenth after each third.
        ["step"] = (done, _) => Math.Pow(0.1, Math.Floor(3 * done)),
        // A hundredth less each epoch, however many there are to be.
        ["decay"] = (_, epoch) => Math.Pow(0.99, epoch),
    }.ToFrozenDictionary();
}
