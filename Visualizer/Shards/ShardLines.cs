using System.Text;
using System.Text.Json;

namespace CnnOnnx.Visualizer.Shards;

/// <summary>pictures.jsonl in the making: a line for each input, in their order, and how many have results.</summary>
internal sealed class ShardLines : IDisposable
{
    private readonly FileStream _file;

    /// <param name="folder">Folder of this process, in which it is made.</param>
    public ShardLines(string folder)
    {
        Directory.CreateDirectory(folder);
        _file = new FileStream(Path.Combine(folder, ShardedPicture.FileName), FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite);
    }

    /// <summary>Number of inputs with results.</summary>
    public long Done { get; private set; }

    /// <summary>Number of inputs that could not be used.</summary>
    public long Faults { get; private set; }

    public void Add(ShardedPicture picture)
    {
        Count(picture);
        _file.Write(JsonSerializer.SerializeToUtf8Bytes(picture, ShardJson.Line.ShardedPicture));
        _file.WriteByte((byte)'\n');
    }

    /// <summary>Puts the file into its place.</summary>
    public void MoveTo(string folder)
    {
        _file.Dispose();
        File.Move(_file.Name, Path.Combine(folder, ShardedPicture.FileName), overwrite: true);
    }

    /// <summary>Writes all lines so far, with their length.</summary>
    public void CopyTo(BinaryWriter writer)
    {
        _file.Flush();
        writer.Write(_file.Length);
        writer.Flush();
        _file.Position = 0;
        _file.CopyTo(writer.BaseStream);
    }

    /// <summary>Goes on from lines that <see cref="CopyTo"/> wrote.</summary>
    /// <exception cref="IOException">They are cut off.</exception>
    public void CopyFrom(BinaryReader reader)
    {
        byte[] lines = new byte[reader.ReadInt64()];
        reader.BaseStream.ReadExactly(lines);
        foreach (string line in Encoding.UTF8.GetString(lines).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Count(JsonSerializer.Deserialize(line, ShardJson.Line.ShardedPicture)!);
        _file.Write(lines);
    }

    public void Dispose() => _file.Dispose();

    private void Count(ShardedPicture picture)
    {
        Done += picture.Fault is null ? 1 : 0;
        Faults += picture.Fault is null ? 0 : 1;
    }
}
