using CnnOnnx.Visualizer.Dump;
using CnnOnnx.Visualizer.Inputs;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Tests.Support;

/// <summary>Dumps without a command line.</summary>
internal static class SingleDump
{
    /// <summary>One input, which is disposed, into one folder.</summary>
    public static DumpManifest Dump(this Dumper dumper, DumpInput input, string folder)
    {
        var batch = new DumpBatch([new DumpTarget(input.Path, folder, dumper.FingerprintOf(input.Path)) { Input = input }]);
        batch.Bound = dumper.Bind([input]);
        dumper.Run(batch, CancellationToken.None);
        using DrawnBatch drawn = dumper.Writer.Draw(batch, _ => { }, CancellationToken.None);
        return dumper.Writer.Finish(drawn, CancellationToken.None).Single();
    }
}
