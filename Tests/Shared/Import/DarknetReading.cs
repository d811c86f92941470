namespace CnnOnnx.Tests.Import;

/// <summary>
/// Darknet's layers by their formulas, with loops and nothing else, on cfg and weights read anew: a referee for what OpenCV does
/// not read, above all [shortcut] between maps of two shapes and [crop].
/// </summary>
internal static class DarknetReading
{
    private sealed record Maps(float[] Values, int C, int H, int W)
    {
        public float At(int c, int y, int x, float outside) =>
            y < 0 || x < 0 || y >= H || x >= W ? outside : Values[(((c * H) + y) * W) + x];
    }

    private delegate Maps Layer(Maps x, Func<string, int, int> key, Func<string, string> text, Func<int, float[]> weights, List<Maps> all);

    private static readonly Dictionary<string, Layer> Layers = new()
    {
        ["convolutional"] = Convolution,
        ["connected"] = Connected,
        ["maxpool"] = MaxPool,
        ["avgpool"] = (x, _, _, _, _) => new Maps([.. Enumerable.Range(0, x.C).Select(c =>
            x.Values.AsSpan(c * x.H * x.W, x.H * x.W).ToArray().Average())], x.C, 1, 1),
        ["shortcut"] = Shortcut,
        ["upsample"] = (x, key, _, _, _) => Filled(x.C, x.H * key("stride", 2), x.W * key("stride", 2), (c, i, j) =>
            x.At(c, i / key("stride", 2), j / key("stride", 2), 0)),
        ["reorg"] = Reorg,
        ["crop"] = (x, key, _, _, _) => Filled(x.C, key("crop_height", 1), key("crop_width", 1), (c, i, j) =>
            (2 * x.At(c, ((x.H - key("crop_height", 1)) / 2) + i, ((x.W - key("crop_width", 1)) / 2) + j, 0)) - 1),
        ["softmax"] = (x, _, _, _, _) => Softmax(x),
        ["dropout"] = (x, _, _, _, _) => x,
        ["cost"] = (x, _, _, _, _) => x,
    };

    /// <summary>The last layer's output.</summary>
    /// <param name="cfg">A cfg of some layers.</param>
    /// <param name="weights">Its weights, behind a header of 20 bytes.</param>
    /// <param name="input">Pixels [C, H, W].</param>
    public static float[] Run(string cfg, string weights, float[] input)
    {
        using var file = new BinaryReader(File.OpenRead(weights));
        file.ReadBytes(20);
        List<(string Name, Dictionary<string, string> Keys)> sections = [];
        foreach (string line in File.ReadLines(cfg).Select(l => l.Replace(" ", "").Trim()).Where(l => l.Length > 0 && l[0] is not '#'))
            if (line[0] == '[')
                sections.Add((line.Trim('[', ']'), []));
            else
                sections[^1].Keys[line.Split('=')[0]] = line.Split('=')[1];
        int Of(Dictionary<string, string> keys, string key, int missing) => keys.TryGetValue(key, out string? text) ? int.Parse(text)
            : missing;
        var net = sections[0].Keys;
        var x = new Maps(input, Of(net, "channels", 3), Of(net, "height", 0), Of(net, "width", 0));
        var all = new List<Maps>();
        foreach ((string name, Dictionary<string, string> keys) in sections.Skip(1))
            all.Add(x = Layers[name](x, (key, missing) => Of(keys, key, missing), key => keys.GetValueOrDefault(key, ""),
                count => [.. Enumerable.Range(0, count).Select(_ => file.ReadSingle())], all));
        Assert.AreEqual(file.BaseStream.Length, file.BaseStream.Position);
        return x.Values;
    }

    private static Maps Convolution(Maps x, Func<string, int, int> key, Func<string, string> text, Func<int, float[]> weights,
        List<Maps> all)
    {
        int n = key("filters", 1), k = key("size", 1), s = key("stride", 1), p = key("pad", 0) != 0 ? k / 2 : key("padding", 0);
        bool norm = key("batch_normalize", 0) != 0;
        float[] bias = weights(n), scale = norm ? weights(n) : [], mean = norm ? weights(n) : [], variance = norm ? weights(n) : [];
        float[] w = weights(n * x.C * k * k);
        return Filled(n, ((x.H + (2 * p) - k) / s) + 1, ((x.W + (2 * p) - k) / s) + 1, (f, i, j) =>
        {
            double sum = 0;
            for (int c = 0; c < x.C; c++)
                for (int u = 0; u < k; u++)
                    for (int v = 0; v < k; v++)
                        sum += w[((((f * x.C) + c) * k) + u) * k + v] * (double)x.At(c, (i * s) - p + u, (j * s) - p + v, 0);
            sum = norm ? ((sum - mean[f]) / Math.Sqrt(variance[f] + 1e-6) * scale[f]) + bias[f] : sum + bias[f];
            return Activated(sum, text("activation"));
        });
    }

    private static Maps Connected(Maps x, Func<string, int, int> key, Func<string, string> text, Func<int, float[]> weights, List<Maps> all)
    {
        int n = key("output", 1), m = x.Values.Length;
        float[] bias = weights(n), w = weights(n * m);
        return Filled(n, 1, 1, (f, _, _) =>
        {
            double sum = bias[f];
            for (int i = 0; i < m; i++)
                sum += (double)w[(f * m) + i] * x.Values[i];
            return Activated(sum, text("activation"));
        });
    }

    // The window of an output begins half of the padding, which is that of both sides, before its place.
    private static Maps MaxPool(Maps x, Func<string, int, int> key, Func<string, string> text, Func<int, float[]> weights, List<Maps> all)
    {
        int s = key("stride", 1), k = key("size", s), p = key("padding", k - 1);
        return Filled(x.C, ((x.H + p - k) / s) + 1, ((x.W + p - k) / s) + 1, (c, i, j) =>
        {
            float most = float.NegativeInfinity;
            for (int u = 0; u < k; u++)
                for (int v = 0; v < k; v++)
                    most = Math.Max(most, x.At(c, (i * s) - (p / 2) + u, (j * s) - (p / 2) + v, float.NegativeInfinity));
            return most;
        });
    }

    // As shortcut_cpu: the channels that both have, every step-th cell of the larger maps.
    private static Maps Shortcut(Maps x, Func<string, int, int> key, Func<string, string> text, Func<int, float[]> weights, List<Maps> all)
    {
        int number = key("from", 0);
        Maps from = all[number < 0 ? all.Count + number : number];
        int step = Math.Max(1, from.W / x.W), gap = Math.Max(1, x.W / from.W);
        float[] sum = [.. x.Values];
        for (int c = 0; c < Math.Min(from.C, x.C); c++)
            for (int i = 0; i < Math.Min(from.H, x.H); i++)
                for (int j = 0; j < Math.Min(from.W, x.W); j++)
                    sum[(((c * x.H) + (i * gap)) * x.W) + (j * gap)] += from.At(c, i * step, j * step, 0);
        return x with { Values = [.. sum.Select(value => Activated(value, text("activation")))] };
    }

    // As reorg_cpu, forward.
    private static Maps Reorg(Maps x, Func<string, int, int> key, Func<string, string> text, Func<int, float[]> weights, List<Maps> all)
    {
        int s = key("stride", 1), outC = x.C / (s * s);
        float[] made = new float[x.Values.Length];
        for (int c = 0; c < x.C; c++)
            for (int i = 0; i < x.H; i++)
                for (int j = 0; j < x.W; j++)
                {
                    int c2 = c % outC, offset = c / outC, w2 = (j * s) + (offset % s), h2 = (i * s) + (offset / s);
                    made[(((c * x.H) + i) * x.W) + j] = x.Values[w2 + (x.W * s * (h2 + (x.H * s * c2)))];
                }

        return new Maps(made, x.C * s * s, x.H / s, x.W / s);
    }

    private static Maps Softmax(Maps x)
    {
        double largest = x.Values.Max(), sum = x.Values.Sum(value => Math.Exp(value - largest));
        return x with { Values = [.. x.Values.Select(value => (float)(Math.Exp(value - largest) / sum))] };
    }

    private static float Activated(double x, string activation) => (float)(activation switch
    {
        "leaky" => x > 0 ? x : 0.1 * x,
        "relu" => Math.Max(0, x),
        "linear" or "" => x,
        _ => throw new ArgumentException(activation),
    });

    private static Maps Filled(int channels, int height, int width, Func<int, int, int, float> value)
    {
        float[] values = new float[channels * height * width];
        Parallel.For(0, channels, c =>
        {
            for (int i = 0; i < height; i++)
                for (int j = 0; j < width; j++)
                    values[(((c * height) + i) * width) + j] = value(c, i, j);
        });
        return new Maps(values, channels, height, width);
    }
}
