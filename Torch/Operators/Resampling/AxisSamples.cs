using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Samples of RoiAlign along one axis: a low and a high neighbour for every sample of every bin, and their weights.</summary>
internal sealed class AxisSamples
{
    private readonly long _bins, _size;
    private readonly int _perBin;
    private readonly long[] _low, _high;
    private readonly float[] _lowWeight, _highWeight;

    /// <param name="start">Start of the region, in pixels.</param>
    /// <param name="bin">Length of a bin in pixels.</param>
    /// <param name="size">Pixels along the axis.</param>
    /// <param name="isEmpty">The region has no extent: all its samples weigh nothing.</param>
    public AxisSamples(float start, float bin, long bins, int perBin, long size, bool isEmpty)
    {
        (_bins, _size, _perBin) = (bins, size, perBin);
        long count = bins * perBin;
        (_low, _high, _lowWeight, _highWeight) = (new long[count], new long[count], new float[count], new float[count]);
        for (long i = 0; i < count && !isEmpty; i++)
        {
            float at = start + i / perBin * bin + (i % perBin + 0.5f) * bin / perBin;
            // One pixel beyond the border still counts as the border; farther out is nothing.
            if (at < -1 || at > size)
                continue;
            at = Math.Clamp(at, 0, size - 1);
            _low[i] = (long)at;
            _high[i] = Math.Min(_low[i] + 1, size - 1);
            _highWeight[i] = at - _low[i];
            _lowWeight[i] = 1 - _highWeight[i];
        }
    }

    /// <summary>Number of samples in all bins.</summary>
    public long Count => _low.Length;

    /// <summary>Mean of each bin. The mean of a product grid separates: rows · image · columnsᵀ.</summary>
    /// <param name="image">[C, H, W]</param>
    public Tensor Mean(AxisSamples columns, Tensor image)
    {
        long channels = image.shape[0];
        Tensor rows = Averaging(image).expand(channels, -1, -1).bmm(image);
        return rows.bmm(columns.Averaging(image).t().expand(channels, -1, -1));
    }

    /// <summary>Maximum of each bin over the weighted neighbours of its samples, one by one, as the operator's reference has it.</summary>
    public Tensor Max(AxisSamples columns, Tensor image)
    {
        Tensor? best = null;
        foreach ((long[] rowIndex, float[] rowWeight) in new[] { (_low, _lowWeight), (_high, _highWeight) })
            foreach ((long[] columnIndex, float[] columnWeight) in new[] { (columns._low, columns._lowWeight),
                (columns._high, columns._highWeight) })
            {
                Tensor corner = image.index_select(1, tensor(rowIndex, ScalarType.Int64, image.device))
                    .index_select(2, tensor(columnIndex, ScalarType.Int64, image.device));
                Tensor weight = tensor(rowWeight, image.dtype, image.device).unsqueeze(1) * tensor(columnWeight, image.dtype, image.device);
                best = best is null ? corner * weight : maximum(best, corner * weight);
            }

        return best!.reshape([image.shape[0], _bins, _perBin, columns._bins, columns._perBin]).amax([2, 4]);
    }

    /// <summary>[bins, size]: what each pixel gives to the mean of each bin.</summary>
    private Tensor Averaging(Tensor image)
    {
        float[] shares = new float[_bins * _size];
        for (long i = 0; i < _low.Length; i++)
        {
            shares[i / _perBin * _size + _low[i]] += _lowWeight[i] / _perBin;
            shares[i / _perBin * _size + _high[i]] += _highWeight[i] / _perBin;
        }

        return tensor(shares, image.dtype, image.device).reshape(_bins, _size);
    }
}
