using System.Buffers;
using Parquet;
using Parquet.Schema;

namespace CnnOnnx.Visualizer.Tables;

/// <summary>A column of a Parquet file: its values since the last row group was written.</summary>
internal abstract class TableColumn
{
    public abstract Field Field { get; }

    /// <summary>Number of values since the last row group.</summary>
    public abstract int Count { get; }

    /// <summary>Writes the values as a part of a row group, and forgets them.</summary>
    public void Flush(ParquetRowGroupWriter group)
    {
        WriteTo(group).GetAwaiter().GetResult();
        Clear();
    }

    protected abstract Task WriteTo(ParquetRowGroupWriter group);

    protected abstract void Clear();
}

/// <summary>A number in each row.</summary>
internal sealed class NumberColumn<T>(string name) : TableColumn where T : struct
{
    private readonly DataField _field = new DataField<T>(name);
    private readonly ArrayBufferWriter<T> _values = new();

    public override Field Field => _field;

    public override int Count => _values.WrittenCount;

    public void Add(T value) => _values.Write([value]);

    protected override Task WriteTo(ParquetRowGroupWriter group) => group.WriteAsync<T>(_field, _values.WrittenMemory);

    protected override void Clear() => _values.ResetWrittenCount();
}

/// <summary>A text in each row.</summary>
internal sealed class TextColumn(string name) : TableColumn
{
    private readonly DataField _field = new(name, typeof(string), isNullable: false);
    private readonly List<string> _values = [];

    public override Field Field => _field;

    public override int Count => _values.Count;

    public void Add(string value) => _values.Add(value);

    protected override Task WriteTo(ParquetRowGroupWriter group) => group.WriteAsync(_field, _values);

    protected override void Clear() => _values.Clear();
}

/// <summary>A list of numbers in each row; it may be empty.</summary>
internal sealed class ListColumn<T> : TableColumn where T : struct
{
    private readonly DataField _item = new DataField<T>("element");
    private readonly ListField _field;
    private readonly ArrayBufferWriter<T> _values = new();
    // Parquet's levels: what there is of a value, and whether it goes on with the list of the value before it.
    private readonly ArrayBufferWriter<int> _definitions = new(), _repetitions = new();

    public ListColumn(string name) => _field = new ListField(name, _item);

    public override Field Field => _field;

    public override int Count => _values.WrittenCount;

    public void Add(ReadOnlySpan<T> values)
    {
        _values.Write(values);
        int levels = Math.Max(values.Length, 1);
        _definitions.GetSpan(levels)[..levels].Fill(values.Length == 0 ? _item.MaxDefinitionLevel - 1 : _item.MaxDefinitionLevel);
        _definitions.Advance(levels);
        Span<int> repetitions = _repetitions.GetSpan(levels)[..levels];
        repetitions.Fill(1);
        repetitions[0] = 0;
        _repetitions.Advance(levels);
    }

    protected override Task WriteTo(ParquetRowGroupWriter group) => group.WriteAllPartsAsync<T>(_item, _values.WrittenMemory,
        _definitions.WrittenMemory, _repetitions.WrittenMemory, CancellationToken.None);

    protected override void Clear()
    {
        _values.ResetWrittenCount();
        _definitions.ResetWrittenCount();
        _repetitions.ResetWrittenCount();
    }
}

/// <summary>A list of texts in each row, at least one.</summary>
internal sealed class TextListColumn : TableColumn
{
    private readonly DataField _item = new("element", typeof(string));
    private readonly ListField _field;
    private readonly List<string> _values = [];
    private readonly ArrayBufferWriter<int> _repetitions = new();

    public TextListColumn(string name) => _field = new ListField(name, _item);

    public override Field Field => _field;

    public override int Count => _values.Count;

    public void Add(IReadOnlyList<string> values)
    {
        for (int i = 0; i < values.Count; i++)
        {
            _values.Add(values[i]);
            _repetitions.Write([i == 0 ? 0 : 1]);
        }
    }

    protected override Task WriteTo(ParquetRowGroupWriter group) => group.WriteAsync(_item, _values, _repetitions.WrittenMemory);

    protected override void Clear()
    {
        _values.Clear();
        _repetitions.ResetWrittenCount();
    }
}
