using CnnOnnx.Inference;
using CnnOnnx.Statistics;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Tables;

/// <summary>What the tables have of one picture.</summary>
/// <param name="Number">Number of the picture among all inputs, from 0.</param>
/// <param name="Picture">The picture as results over many inputs name it.</param>
/// <param name="Scores">Its class scores; null where no output is a row of numbers.</param>
/// <param name="Tensors">A row for each tensor, in the order of the model.</param>
internal sealed record PictureRows(long Number, string Picture, ClassScores? Scores, IReadOnlyList<TensorRow> Tensors)
{
    /// <param name="number">Number of the picture among all inputs, from 0.</param>
    /// <param name="picture">The picture as results over many inputs name it.</param>
    /// <param name="scores">Its class scores; null where no output is a row of numbers.</param>
    /// <param name="tensors">A row for each tensor, in any order: a run may come in parts.</param>
    public static PictureRows Of(long number, string picture, ClassScores? scores, IEnumerable<TensorRow> tensors) =>
        new(number, picture, scores, [.. tensors.OrderBy(tensor => tensor.Index)]);

    public void Write(BinaryWriter writer)
    {
        writer.Write(Number);
        writer.Write(Picture);
        writer.Write(Scores is not null);
        if (Scores is { } scores)
        {
            writer.Write(scores.Tensor);
            writer.Write(scores.Applied);
            writer.Write(scores.Top.Length);
            foreach (ClassScore score in scores.Top)
            {
                writer.Write(score.Index);
                writer.Write(score.Label is not null);
                writer.Write(score.Label ?? "");
                writer.Write(score.Probability is not null);
                writer.Write(score.Probability ?? 0);
                writer.Write(score.Value);
            }
        }

        writer.Write(Tensors.Count);
        foreach (TensorRow tensor in Tensors)
            tensor.Write(writer);
    }

    public static PictureRows Read(BinaryReader reader)
    {
        (long number, string picture) = (reader.ReadInt64(), reader.ReadString());
        ClassScores? scores = null;
        if (reader.ReadBoolean())
        {
            (string tensor, string applied) = (reader.ReadString(), reader.ReadString());
            var top = new ClassScore[reader.ReadInt32()];
            for (int i = 0; i < top.Length; i++)
                top[i] = new ClassScore(reader.ReadInt32(), Maybe(reader.ReadBoolean(), reader.ReadString()),
                    reader.ReadBoolean() is var has && reader.ReadDouble() is var share && has ? share : null, reader.ReadDouble());
            scores = new ClassScores(tensor, applied, top);
        }

        var tensors = new TensorRow[reader.ReadInt32()];
        for (int i = 0; i < tensors.Length; i++)
            tensors[i] = TensorRow.Read(reader);
        return new PictureRows(number, picture, scores, tensors);
    }

    private static string? Maybe(bool has, string text) => has ? text : null;
}

/// <summary>One picture's row of a tensor. Min, max, mean and std are of the finite values.</summary>
/// <param name="Index">Place among all tensors that the model's nodes make.</param>
/// <param name="Name">Name of the tensor.</param>
/// <param name="Op">Type of the node that makes it.</param>
/// <param name="Dtype">Type of its elements.</param>
/// <param name="Shape">Its axes, for this picture alone.</param>
/// <param name="Min">Smallest value.</param>
/// <param name="Max">Largest value.</param>
/// <param name="Mean">Mean.</param>
/// <param name="Std">Standard deviation.</param>
/// <param name="Zeros">Share of zeros, 0 to 1.</param>
/// <param name="Nan">Number of NaN.</param>
/// <param name="Inf">Number of infinities of either sign.</param>
/// <param name="Vector">Mean of each channel; null where it is not wanted.</param>
internal sealed record TensorRow(int Index, string Name, string Op, string Dtype, long[] Shape, float Min, float Max, double Mean,
    double Std, double Zeros, long Nan, long Inf, float[]? Vector)
{
    /// <param name="record">The tensor in the manifest.</param>
    /// <param name="options">What is wanted.</param>
    public static TensorRow Of(TensorRecord record, TableOptions options) => new(record.Index, record.Name, record.Op, record.Dtype,
        record.Shape, record.Min, record.Max, record.Mean, record.Std, record.Zeros, record.Nan, record.Inf,
        options.HasVectorsOf(record.Name) ? record.ByChannel.Mean.Values : null);

    /// <param name="index">Place among all tensors that the model's nodes make.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="numbers">What was measured of it.</param>
    /// <param name="options">What is wanted.</param>
    public static TensorRow Of(int index, Activation tensor, TensorNumbers numbers, TableOptions options)
    {
        TensorStatistics whole = numbers.Whole;
        return new TensorRow(index, tensor.Name, tensor.Op, tensor.ElementType.DisplayName(), [.. tensor.Shape.Dims],
            whole.Min, whole.Max, whole.Mean, whole.Std, whole.ZeroShare, whole.NanCount,
            whole.PositiveInfinityCount + whole.NegativeInfinityCount,
            options.HasVectorsOf(tensor.Name) ? Array.ConvertAll(numbers.Channels, channel => (float)channel.Mean) : null);
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(Index);
        writer.Write(Name);
        writer.Write(Op);
        writer.Write(Dtype);
        writer.Write(Shape.Length);
        foreach (long dim in Shape)
            writer.Write(dim);
        writer.Write(Min);
        writer.Write(Max);
        writer.Write(Mean);
        writer.Write(Std);
        writer.Write(Zeros);
        writer.Write(Nan);
        writer.Write(Inf);
        writer.Write(Vector?.Length ?? -1);
        foreach (float value in Vector ?? [])
            writer.Write(value);
    }

    public static TensorRow Read(BinaryReader reader) => new(reader.ReadInt32(), reader.ReadString(), reader.ReadString(),
        reader.ReadString(), Each(reader.ReadInt32(), reader.ReadInt64), reader.ReadSingle(), reader.ReadSingle(), reader.ReadDouble(),
        reader.ReadDouble(), reader.ReadDouble(), reader.ReadInt64(), reader.ReadInt64(),
        reader.ReadInt32() is var length && length < 0 ? null : Each(length, reader.ReadSingle));

    private static T[] Each<T>(int length, Func<T> read)
    {
        var values = new T[length];
        for (int i = 0; i < length; i++)
            values[i] = read();
        return values;
    }
}
