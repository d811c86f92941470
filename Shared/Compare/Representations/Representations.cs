using CnnOnnx.Inference;
using CnnOnnx.Onnx;

namespace CnnOnnx.Compare;

/// <summary>Gathers, batch by batch, what is needed to compare representations of two networks.</summary>
internal sealed class Representations
{
    private const int Batch = 32;

    // Beyond this many the picture of all with all shows no more.
    private const int MostLayers = 96;

    // n³ steps and n² numbers a tensor.
    private const int MostChannels = 512;

    private readonly ChannelLayouts _layoutsA, _layoutsB;
    private readonly string[] _layersA, _layersB;
    private readonly List<float[]>[] _batchA, _batchB;
    private readonly double[,] _both;
    private readonly double[] _ownA, _ownB;
    private readonly Dictionary<TensorPair, ChannelCorrelation?> _channels = [];
    private int _samples;

    public Representations(OnnxGraph a, OnnxGraph b, IEnumerable<string> layersA, IEnumerable<string> layersB,
        IEnumerable<TensorPair> pairs)
    {
        (_layoutsA, _layoutsB) = (ChannelLayouts.Of(a), ChannelLayouts.Of(b));
        (_layersA, _layersB) = (Thinned([.. layersA]), Thinned([.. layersB]));
        (_batchA, _batchB) = ([.. _layersA.Select(_ => new List<float[]>())], [.. _layersB.Select(_ => new List<float[]>())]);
        _both = new double[_layersA.Length, _layersB.Length];
        (_ownA, _ownB) = (new double[_layersA.Length], new double[_layersB.Length]);
        foreach (TensorPair pair in pairs)
            _channels[pair] = null;
    }

    /// <summary>Takes in a run of each model on one picture.</summary>
    public void Add(Activations a, Activations b)
    {
        for (int i = 0; i < _layersA.Length; i++)
            _batchA[i].Add(Pool(a[_layersA[i]], _layoutsA).Features);
        for (int i = 0; i < _layersB.Length; i++)
            _batchB[i].Add(Pool(b[_layersB[i]], _layoutsB).Features);
        foreach (TensorPair pair in _channels.Keys.ToArray())
        {
            (float[] left, int channels) = Pool(a[pair.A], _layoutsA);
            (float[] right, int others) = Pool(b[pair.B], _layoutsB);
            if (channels != others || left.Length != right.Length || channels is < 2 or > MostChannels)
                _channels.Remove(pair);
            else
            {
                ChannelCorrelation correlation = _channels[pair] ??= new ChannelCorrelation(channels);
                correlation.Add(left, right);
                correlation.CountZeros(a[pair.A].Values, b[pair.B].Values);
            }
        }

        if (_batchA[0].Count == Batch)
            Finish();
    }

    /// <summary>The result; null with fewer than four inputs.</summary>
    public RepresentationResult? Result()
    {
        if (_batchA[0].Count >= LinearCka.FewestSamples)
            Finish();
        if (_samples == 0)
            return null;
        double[,] alignment = new double[_layersA.Length, _layersB.Length];
        for (int i = 0; i < _layersA.Length; i++)
            for (int j = 0; j < _layersB.Length; j++)
                alignment[i, j] = LinearCka.Of(_both[i, j], _ownA[i], _ownB[j]);
        MatchedChannels[] matched = [.. _channels.Where(c => c.Value is not null).Select(c =>
        {
            (int[] partners, double[] correlations) = c.Value!.Match();
            return new MatchedChannels(c.Key, partners, correlations) { Dead = c.Value.Dead, Zeros = c.Value.Zeros };
        })];
        return new RepresentationResult(_layersA, _layersB, alignment, matched, _samples);
    }

    // The mean over batches: each weighs as much as it has samples.
    private void Finish()
    {
        int n = _batchA[0].Count;
        double[][] k = [.. _batchA.Select(LinearCka.Gram)], l = [.. _batchB.Select(LinearCka.Gram)];
        for (int i = 0; i < k.Length; i++)
            _ownA[i] += n * LinearCka.Hsic(k[i], k[i], n);
        for (int j = 0; j < l.Length; j++)
            _ownB[j] += n * LinearCka.Hsic(l[j], l[j], n);
        for (int i = 0; i < k.Length; i++)
            for (int j = 0; j < l.Length; j++)
                _both[i, j] += n * LinearCka.Hsic(k[i], l[j], n);
        foreach (List<float[]> batch in _batchA.Concat(_batchB))
            batch.Clear();
        _samples += n;
    }

    private static (float[] Features, int Channels) Pool(Activation tensor, ChannelLayouts layouts) =>
        PooledMaps.Of(tensor, layouts.Of(tensor.Name, tensor.Shape.Rank).Layout);

    private static string[] Thinned(string[] layers) => layers.Length <= MostLayers ? layers
        : [.. Enumerable.Range(0, MostLayers).Select(i => layers[(int)((long)i * (layers.Length - 1) / (MostLayers - 1))])];
}
