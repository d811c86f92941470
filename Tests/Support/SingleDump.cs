using CnnOnnx.Visualizer.Dump;
using CnnOnnx.Visualizer.Pipeline;

namespace CnnOnnx.Tests.Support;

/// <summary>Dumps without a command line.</summary>
internal static class SingleDump
{
    /// <summary>One input, which is disposed, into one folder.</summary>
    public static DumpManifest Dump(this Dumper dumper, DumpInput input, string folder)
    {
        using var batch = new DumpBatch([new DumpTarget(input.Path, folder, dumper.FingerprintOf(input.Path)) { Input = input }]);
        batch.Bound = dumper.Bind([input]);
        dumper.Run(batch, CancellationToken.None);
        return dumper.Writer.Write(batch, _ => { }, CancellationToken.None).Single();
    }
}
