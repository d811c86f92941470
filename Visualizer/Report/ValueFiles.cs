using CnnOnnx.Inference;
using CnnOnnx.Pages;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Report;

/// <summary>
/// The values of maps for the report's scripts, one byte each, in a script a layer that is loaded when the layer opens: values/t12.js.
/// <code>
/// min 64 mpmZPs3MTD…    a float a map: its range,
/// low 64 …              and its 1st and 99th percentile
/// codes 788544 AAEC…    a byte a value, see MapCodes
/// </code>
/// </summary>
internal static class ValueFiles
{
    private const string Subfolder = "values";

    /// <summary>Counts the bytes that a tensor's values take as text; 0 for vectors, which need no script.</summary>
    public static long SizeOf(TensorShape shape, ChannelLayout layout)
    {
        var maps = FeatureMaps.Of(checked((int)shape.Count), shape, 0, layout);
        return maps.IsVector ? 0 : 4L * maps.Length / 3;
    }

    /// <summary>Chooses tensors until the room is used up, those whose values vary most first.</summary>
    /// <param name="sizes">Bytes that each tensor takes.</param>
    /// <param name="strengths">Standard deviation of each tensor's values; asked for only when not all have room.</param>
    /// <param name="room">Bytes for all of them.</param>
    /// <returns>True for each tensor that is chosen.</returns>
    public static bool[] Choose(long[] sizes, Func<double[]> strengths, long room)
    {
        bool[] chosen = new bool[sizes.Length];
        if (sizes.Sum() <= room)
        {
            Array.Fill(chosen, true);
            return chosen;
        }

        double[] known = strengths();
        foreach (int i in Enumerable.Range(0, sizes.Length).OrderByDescending(i => double.IsFinite(known[i]) ? known[i] : 0))
        {
            // A smaller one further back may still fit.
            if (sizes[i] > room)
                continue;
            room -= sizes[i];
            chosen[i] = true;
        }

        return chosen;
    }

    /// <summary>Writes the script of a tensor.</summary>
    /// <param name="folder">Folder of the report.</param>
    /// <param name="index">Place of the tensor among all of the model.</param>
    /// <param name="activation">The tensor.</param>
    /// <param name="layout">Axis of its channels.</param>
    /// <param name="withValues">False where there is no room: then nothing is written.</param>
    /// <returns>Null for what has no maps.</returns>
    public static MapsRecord? Write(string folder, int index, Activation activation, ChannelLayout layout, bool withValues)
    {
        var maps = FeatureMaps.Of(activation.Values, activation.Shape, 0, layout);
        if (maps.IsVector || maps.Count == 0)
            return null;
        if (!withValues)
            return new MapsRecord(maps.Count, maps.Height, maps.Width, null);
        string file = $"{Subfolder}/{PageCard.AnchorOf(index)}.js";
        ReadOnlySpan<float> planes = maps.Planes(activation.Values);
        (float[] min, float[] low, float[] high, float[] max) =
            (new float[maps.Count], new float[maps.Count], new float[maps.Count], new float[maps.Count]);
        byte[] codes = GC.AllocateUninitializedArray<byte>(maps.Length);
        for (int i = 0; i < maps.Count; i++)
        {
            ReadOnlySpan<float> map = planes.Slice(i * maps.Area, maps.Area);
            var coding = MapCodes.Of(map);
            coding.Encode(map, codes.AsSpan(i * maps.Area, maps.Area));
            (min[i], low[i], high[i], max[i]) = (coding.Range.Min, coding.Middle.Min, coding.Middle.Max, coding.Range.Max);
        }

        SideScript.Write(folder, file, Html.Join(
            [.. new (string Name, Array Numbers)[] { ("min", min), ("low", low), ("high", high), ("max", max), ("codes", codes) }
                .Select(line => Html.Of($"{line.Name} {line.Numbers.Length} {Html.Base64Of(line.Numbers)}\n"))]));
        return new MapsRecord(maps.Count, maps.Height, maps.Width, file);
    }
}
