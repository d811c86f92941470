using System.Runtime.InteropServices;
using CnnOnnx.Files;
using CnnOnnx.Formats;
using CnnOnnx.Tensors;

namespace CnnOnnx.Visualizer.Tables;

/// <summary>A NumPy file in the making, beside its place: float32 [rows, width], row by row, to be mapped into memory.</summary>
internal sealed class NpyRows : IDisposable
{
    private readonly PendingFile _file;
    private readonly int _width;

    /// <param name="path">Place of the file.</param>
    /// <param name="width">Number of values of a row.</param>
    /// <exception cref="BadInputException">The place cannot be written.</exception>
    public NpyRows(string path, int width)
    {
        _width = width;
        _file = new PendingFile(path);
        // Holds the place: how many rows there are is known at the end, and a header with any number of them takes as many bytes.
        _file.Write(Header(1));
    }

    /// <summary>Number of rows so far.</summary>
    public long Rows { get; private set; }

    public void Add(ReadOnlySpan<float> row)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(row.Length, _width);
        _file.Write(MemoryMarshal.AsBytes(row));
        Rows++;
    }

    /// <summary>Puts the file into its place.</summary>
    public void Commit()
    {
        _file.Write(stream =>
        {
            stream.Position = 0;
            stream.Write(Header(Rows));
        });
        _file.Commit();
    }

    public void Dispose() => _file.Dispose();

    private byte[] Header(long rows) => NpyHeader.Write(ElementType.Float, new TensorShape(rows, _width));
}
