using CnnOnnx.Files;
using Parquet;
using Parquet.Schema;

namespace CnnOnnx.Visualizer.Tables;

/// <summary>
/// A Parquet file in the making, beside its place. Rows are kept until there are enough for a row group, so that memory does not grow with
/// the file.
/// </summary>
internal sealed class ParquetTable : IDisposable
{
    // A reader takes row groups side by side; each costs a few hundred bytes a column. Lists fill one sooner.
    private const int MostRows = 1 << 15, MostValues = 1 << 18;

    private readonly TableColumn[] _columns;
    private readonly PendingFile _file;
    private ParquetWriter? _writer;
    private int _rows;

    /// <param name="path">Place of the file.</param>
    /// <param name="columns">Columns, which the caller fills row by row.</param>
    /// <exception cref="BadInputException">The place cannot be written.</exception>
    public ParquetTable(string path, params TableColumn[] columns)
    {
        _columns = columns;
        _file = new PendingFile(path);
        try
        {
            _file.Write(stream => _writer = ParquetWriter.CreateAsync(new ParquetSchema(columns.Select(column => column.Field)), stream,
                new ParquetOptions { CompressionMethod = CompressionMethod.Snappy }).GetAwaiter().GetResult());
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Ends a row: each column has got its value.</summary>
    /// <exception cref="BadInputException">There is no room on the disk.</exception>
    public void EndRow()
    {
        _rows++;
        if (_rows >= MostRows || Array.Exists(_columns, column => column.Count >= MostValues))
            Flush();
    }

    /// <summary>Puts the file into its place.</summary>
    /// <exception cref="BadInputException">There is no room on the disk.</exception>
    public void Commit()
    {
        if (_rows > 0)
            Flush();
        ParquetWriter writer = _writer!;
        _writer = null;
        _file.Write(_ => writer.DisposeAsync().AsTask().GetAwaiter().GetResult());
        _file.Commit();
    }

    public void Dispose()
    {
        try
        {
            // One that was not put into its place is thrown away as it is.
            _writer?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
        catch (IOException)
        {
        }

        _file.Dispose();
    }

    private void Flush()
    {
        _file.Write(_ =>
        {
            using ParquetRowGroupWriter group = _writer!.CreateRowGroup();
            foreach (TableColumn column in _columns)
                column.Flush(group);
        });
        _rows = 0;
    }
}
