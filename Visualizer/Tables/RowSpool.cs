using System.Text;

namespace CnnOnnx.Visualizer.Tables;

/// <summary>
/// Rows of pictures on the disk until all of a shard are there. A Parquet file cannot be gone on with; these can: what was added up to a
/// checkpoint is put into the shard's folder, where the next run finds it.
/// </summary>
/// <param name="work">Folder of this process alone.</param>
/// <param name="folder">Folder of the shard.</param>
/// <param name="first">Number of the first input of the shard.</param>
internal sealed class RowSpool(string work, string folder, long first) : IDisposable
{
    private const int BufferSize = 1 << 16;

    private readonly string _path = Path.Combine(work, "tables.rows");
    private readonly List<string> _sealed = [];
    private long _first = first;
    private BinaryWriter? _open;

    public void Add(PictureRows picture)
    {
        if (_open is null)
        {
            Directory.CreateDirectory(work);
            _open = new BinaryWriter(new FileStream(_path, FileMode.Create, FileAccess.Write, FileShare.Read, BufferSize), Encoding.UTF8);
        }

        picture.Write(_open);
    }

    /// <summary>Puts what was added into the shard's folder. Whoever does the same inputs writes the same bytes.</summary>
    /// <param name="next">Number of the first input that is still to be done.</param>
    /// <returns>Names of all files so far, in the order of their pictures.</returns>
    public IReadOnlyList<string> Seal(long next)
    {
        if (_open is not null)
        {
            Close();
            // Hidden, and cleaned up with what is in the making.
            string name = $".rows-{_first}-{next}{Files.PendingFile.Ending}";
            File.Move(_path, Path.Combine(folder, name), overwrite: true);
            _sealed.Add(name);
        }

        _first = next;
        return _sealed;
    }

    /// <summary>Goes on from what an earlier run put into the shard's folder.</summary>
    /// <param name="names">Names that <see cref="Seal"/> gave.</param>
    /// <param name="next">Number of the first input that is still to be done.</param>
    /// <returns>False when a file is gone.</returns>
    public bool GoOn(IReadOnlyList<string> names, long next)
    {
        if (!names.All(name => File.Exists(Path.Combine(folder, name))))
            return false;
        _sealed.AddRange(names);
        _first = next;
        return true;
    }

    /// <summary>Reads everything that was added, in its order; nothing is added afterwards.</summary>
    /// <exception cref="IOException">A file is gone: another process has finished the shard and cleaned up.</exception>
    public IEnumerable<PictureRows> Read()
    {
        string[] open = _open is null ? [] : [_path];
        Close();
        foreach (string path in _sealed.Select(name => Path.Combine(folder, name)).Concat(open))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, BufferSize);
            using var reader = new BinaryReader(file, Encoding.UTF8);
            while (file.Position < file.Length)
                yield return PictureRows.Read(reader);
        }
    }

    public void Dispose() => Close();

    private void Close()
    {
        _open?.Dispose();
        _open = null;
    }
}
