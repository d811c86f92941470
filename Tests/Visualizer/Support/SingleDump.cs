using CnnOnnx.Inputs;
using CnnOnnx.Visualizer.Dump;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Tests.Support;

/// <summary>Dumps without a command line.</summary>
internal static class SingleDump
{
    /// <summary>One input, which is disposed, into one folder.</summary>
    public static DumpManifest Dump(this Dumper dumper, ModelInput input, string folder)
    {
        var item = new InputItem(input.Path, "", input.Path, () => input);
        using DrawnBatch drawn = dumper.Drawn([item], _ => folder, _ => { }, CancellationToken.None).Single();
        return dumper.Finish(drawn).Manifests.Single();
    }
}
