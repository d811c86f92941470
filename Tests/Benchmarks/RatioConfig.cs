using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace CnnOnnx.Benchmarks;

/// <summary>
/// In one process, because native libraries lie beside this program and ratios are what counts; few, long iterations,
/// because one of them is milliseconds of native work.
/// </summary>
internal sealed class RatioConfig : ManualConfig
{
    public RatioConfig()
    {
        AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(12));
        AddDiagnoser(MemoryDiagnoser.Default);
        HideColumns(Column.Error, Column.RatioSD);
    }
}
