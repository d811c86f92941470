using CsCheck;

namespace CnnOnnx.Tests.Support;

/// <summary>
/// Cases that CsCheck draws, the same ones in every run, so that a run that passed passes again. CNNONNX_SEED=N draws others.
/// </summary>
internal static class Drawn
{
    // Of draws in search of a smaller case that fails too.
    private const int Smaller = 1000;

    private static readonly ulong Seed = ulong.Parse(Environment.GetEnvironmentVariable("CNNONNX_SEED") ?? "0");

    /// <summary>Checks so many cases; one that fails is made as small as can be found, and the fault of that is thrown.</summary>
    public static void Check<T>(Gen<T> cases, int count, Action<T> check, Func<T, string>? print = null)
    {
        for (uint i = 0; i < count; i++)
        {
            var random = new PCG(i, Seed);
            string start = random.ToString();
            T drawn = cases.Generate(random, null, out _);
            try
            {
                check(drawn);
            }
            catch
            {
                cases.Sample(check, seed: start, iter: Smaller, threads: 1, print: print);
                throw;
            }
        }
    }
}
