using CnnOnnx.Files;
using CnnOnnx.Inference;

namespace CnnOnnx.Visualizer.Tables;

/// <summary>
/// Writes the tables of many pictures, picture by picture. They get into their places when all are there; without that nothing is left of
/// them. A table without a row has no file.
/// </summary>
/// <param name="folder">Folder of results, below which they go.</param>
/// <param name="shard">Index of the shard; 0 for a dump without shards.</param>
internal sealed class TableWriter(string folder, int shard) : IDisposable
{
    private readonly TableFiles _files = new(shard);
    private readonly Dictionary<string, VectorTable> _vectors = [];
    private StatisticsTable? _statistics;
    private ClassesTable? _classes;
    private IndexTable? _index;
    private long _pictures;

    /// <summary>Names of tensors whose vectors are not as long in all pictures: they have no NumPy file.</summary>
    public IEnumerable<string> Ragged => _vectors.Where(table => !table.Value.IsEven(_pictures)).Select(table => table.Key);

    /// <summary>Adds a picture; those before it have lower numbers.</summary>
    /// <exception cref="BadInputException">A file cannot be written.</exception>
    public void Add(PictureRows picture)
    {
        _statistics ??= new StatisticsTable(PathOf(_files.Statistics));
        _statistics.Add(picture);
        if (picture.Scores is { Top.Length: > 0 } scores)
        {
            _classes ??= new ClassesTable(PathOf(_files.Classes));
            _classes.Add(picture, scores);
        }

        foreach (TensorRow tensor in picture.Tensors)
        {
            if (tensor.Vector is not { } vector)
                continue;
            if (!_vectors.TryGetValue(tensor.Name, out VectorTable? table))
            {
                table = new VectorTable(PathOf(_files.Vectors(tensor.Name)), PathOf(_files.Npy(tensor.Name)), vector.Length, _pictures);
                _vectors.Add(tensor.Name, table);
                _index ??= new IndexTable(PathOf(_files.Index));
            }

            table.Add(picture, vector);
        }

        _index?.Add(picture);
        _pictures++;
    }

    /// <summary>Puts all files into their places.</summary>
    /// <returns>Their names, from the folder of results on.</returns>
    /// <exception cref="BadInputException">A file cannot be written.</exception>
    public IReadOnlyList<string> Commit()
    {
        var made = new List<string>();
        if (_statistics is not null)
        {
            _statistics.Table.Commit();
            made.Add(_files.Statistics);
        }

        if (_classes is not null)
        {
            _classes.Table.Commit();
            made.Add(_files.Classes);
        }

        foreach ((string tensor, VectorTable table) in _vectors)
        {
            table.Table.Commit();
            made.Add(_files.Vectors(tensor));
            if (!table.IsEven(_pictures))
                continue;
            table.Npy!.Commit();
            made.Add(_files.Npy(tensor));
        }

        if (_index is not null)
        {
            _index.Commit();
            made.Add(_files.Index);
        }

        return made;
    }

    public void Dispose()
    {
        _statistics?.Table.Dispose();
        _classes?.Table.Dispose();
        _index?.Dispose();
        foreach (VectorTable table in _vectors.Values)
        {
            table.Table.Dispose();
            table.Npy?.Dispose();
        }
    }

    private string PathOf(string name) => Path.Combine(folder, name);

    /// <summary>A row for each picture and tensor.</summary>
    private sealed class StatisticsTable
    {
        private readonly NumberColumn<long> _number = new("number"), _count = new("count"), _nan = new("nan"), _inf = new("inf");
        private readonly NumberColumn<int> _index = new("index");
        private readonly NumberColumn<float> _min = new("min"), _max = new("max");
        private readonly NumberColumn<double> _mean = new("mean"), _std = new("std"), _zeros = new("zeros");
        private readonly TextColumn _picture = new("picture"), _tensor = new("tensor"), _op = new("op"), _dtype = new("dtype");
        private readonly ListColumn<long> _shape = new("shape");

        public StatisticsTable(string path) => Table = new ParquetTable(path, _number, _picture, _index, _tensor, _op, _dtype, _shape,
            _count, _min, _max, _mean, _std, _zeros, _nan, _inf);

        public ParquetTable Table { get; }

        public void Add(PictureRows picture)
        {
            foreach (TensorRow row in picture.Tensors)
            {
                _number.Add(picture.Number);
                _picture.Add(picture.Picture);
                _index.Add(row.Index);
                _tensor.Add(row.Name);
                _op.Add(row.Op);
                _dtype.Add(row.Dtype);
                _shape.Add(row.Shape);
                _count.Add(row.Shape.Aggregate(1L, (count, dim) => count * dim));
                _min.Add(row.Min);
                _max.Add(row.Max);
                _mean.Add(row.Mean);
                _std.Add(row.Std);
                _zeros.Add(row.Zeros);
                _nan.Add(row.Nan);
                _inf.Add(row.Inf);
                Table.EndRow();
            }
        }
    }

    /// <summary>A row for each picture with classes: the first one, and lists of all that are known, the first in front.</summary>
    private sealed class ClassesTable
    {
        private readonly NumberColumn<long> _number = new("number");
        private readonly NumberColumn<int> _class = new("class");
        private readonly NumberColumn<double> _score = new("score");
        private readonly TextColumn _picture = new("picture"), _tensor = new("tensor"), _label = new("label");
        private readonly ListColumn<int> _classes = new("top_classes");
        private readonly ListColumn<double> _scores = new("top_scores");
        private readonly TextListColumn _labels = new("top_labels");

        public ClassesTable(string path) =>
            Table = new ParquetTable(path, _number, _picture, _tensor, _class, _label, _score, _classes, _labels, _scores);

        public ParquetTable Table { get; }

        public void Add(PictureRows picture, ClassScores scores)
        {
            int[] classes = Array.ConvertAll(scores.Top, top => top.Index);
            string[] labels = Array.ConvertAll(scores.Top, top => top.Label ?? $"{top.Index}");
            double[] values = Array.ConvertAll(scores.Top, top => top.Probability ?? top.Value);
            _number.Add(picture.Number);
            _picture.Add(picture.Picture);
            _tensor.Add(scores.Tensor);
            _class.Add(classes[0]);
            _label.Add(labels[0]);
            _score.Add(values[0]);
            _classes.Add(classes);
            _labels.Add(labels);
            _scores.Add(values);
            Table.EndRow();
        }
    }

    /// <summary>Pooled vectors of a tensor, as Parquet and as NumPy's rows.</summary>
    private sealed class VectorTable
    {
        private readonly NumberColumn<long> _number = new("number");
        private readonly TextColumn _picture = new("picture");
        private readonly ListColumn<float> _vector = new("vector");
        private readonly int _width;

        public VectorTable(string path, string npy, int width, long before)
        {
            _width = width;
            Table = new ParquetTable(path, _number, _picture, _vector);
            Npy = before == 0 ? new NpyRows(npy, width) : null;
        }

        public ParquetTable Table { get; }

        public NpyRows? Npy { get; private set; }

        /// <summary>True where there is a row for each picture, and all are as long.</summary>
        public bool IsEven(long pictures) => Npy?.Rows == pictures;

        public void Add(PictureRows picture, float[] vector)
        {
            _number.Add(picture.Number);
            _picture.Add(picture.Picture);
            _vector.Add(vector);
            Table.EndRow();
            if (vector.Length == _width)
            {
                Npy?.Add(vector);
                return;
            }

            Npy?.Dispose();
            Npy = null;
        }
    }

    /// <summary>Which row of the NumPy files is which picture.</summary>
    private sealed class IndexTable : IDisposable
    {
        private readonly PendingFile _file;
        private CsvWriter? _csv;
        private long _row;

        public IndexTable(string path)
        {
            _file = new PendingFile(path);
            _file.Write(stream =>
            {
                _csv = new CsvWriter(stream);
                _csv.Field("row").Field("number").Field("picture").EndRow();
            });
        }

        public void Add(PictureRows picture) => _file.Write(_ => _csv!.Field(_row++).Field(picture.Number).Field(picture.Picture).EndRow());

        public void Commit()
        {
            _file.Write(_ => _csv!.Dispose());
            _file.Commit();
        }

        public void Dispose()
        {
            try
            {
                _csv?.Dispose();
            }
            catch (ObjectDisposedException)
            {
                // The file is in its place.
            }

            _file.Dispose();
        }
    }
}
