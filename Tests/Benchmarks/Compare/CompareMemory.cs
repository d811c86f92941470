using System.Diagnostics;
using System.Globalization;
using CnnOnnx.Benchmarks.Report;
using CnnOnnx.Compare;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Benchmarks.Compare;

/// <summary>Resident memory while two networks of 400 tensors are compared on 100 inputs: run with the argument --compare-memory.</summary>
internal static class CompareMemory
{
    private const int Inputs = 100;

    private static readonly int[] Marks = [1, 10, 40, 70, Inputs];

    public static void Run()
    {
        string folder = Directory.CreateTempSubdirectory("cnnonnx-bench-").FullName;
        try
        {
            OnnxModel model = OnnxModel.Read(WideNetwork.Write(folder).Model);
            using ModelComparer comparer = ModelComparer.Open(model, model);
            var random = new Random(2);
            var watch = Stopwatch.StartNew();
            for (int i = 1; i <= Inputs; i++)
            {
                float[] values = [.. Enumerable.Range(0, WideNetwork.Channels * WideNetwork.Side * WideNetwork.Side)
                    .Select(_ => random.NextSingle())];
                comparer.Add(TensorData.FromArray(values, new TensorShape(1, WideNetwork.Channels, WideNetwork.Side, WideNetwork.Side)));
                if (Marks.Contains(i))
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"{i,4} inputs  {Environment.WorkingSet / 1e6,8:0} MB  {watch.Elapsed.TotalSeconds,6:0.0} s"));
            }

            ComparisonResult result = comparer.Finish();
            Console.WriteLine($"{result.Pairs.Count} pairs: {result.Verdict.Headline}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
