using System.Globalization;
using System.Text;

namespace CnnOnnx.Formats;

/// <summary>
/// Reads the tensors of a PyTorch checkpoint (.pt, .pth, .th, .bin): the zip archives of PyTorch 1.6 and later, and the streams of
/// pickles before it. Nothing of it is run.
/// </summary>
internal static class PyTorchFile
{
    private const string Magic = "8A0A6CFC9C46F9206AA850192E";
    private const int LongestNumber = 64;

    // Tensors may share their elements, and a few may repeat them.
    private const int MostShared = 8;
    private const long MostRepeated = 256 << 20;

    /// <summary>True for the first bytes of a zip archive.</summary>
    public static bool IsZip(ReadOnlySpan<byte> start) => start.StartsWith("PK\x03\x04"u8);

    /// <summary>True for the first bytes of an older file: a pickle of PyTorch's number.</summary>
    public static bool IsLegacy(ReadOnlySpan<byte> start) =>
        start.Length > 2 && start[0] == 0x80 && start[2..].StartsWith(Convert.FromHexString(Magic));

    /// <summary>Reads an archive.</summary>
    /// <param name="source">The file; it has to stay open as long as the tensors are read.</param>
    /// <param name="entry">Key of the checkpoint to take the tensors from; null to find it.</param>
    /// <exception cref="BadInputException">Not a checkpoint, damaged, or made to do harm.</exception>
    public static WeightContent ReadZip(ByteSource source, string? entry)
    {
        IReadOnlyList<ZipRecord> records = ZipDirectory.Read(source);
        string root = records.Count > 0 && records[0].Name.Contains('/') ? records[0].Name[..(records[0].Name.IndexOf('/') + 1)] : "";
        Dictionary<string, ZipRecord> byName = records.Where(r => r.Name.StartsWith(root, StringComparison.Ordinal))
            .ToDictionary(r => r.Name[root.Length..]);
        if (!byName.TryGetValue("data.pkl", out ZipRecord? pickle))
            throw new BadInputException($"{source.Name}: is a zip archive without a data.pkl, so it is no PyTorch checkpoint");
        if (byName.ContainsKey("constants.pkl"))
            throw new BadInputException($"{source.Name}: is a TorchScript program, whose computation is source text that is not run here; "
                + "expected weights: save model.state_dict(), or export the model as ONNX");
        CheckVersion(source, byName);
        bool isBigEndian = Text(source, byName, "byteorder") switch
        {
            null or "little" => false,
            "big" => true,
            var order => throw new BadInputException($"{source.Name}: byteorder is '{order}', expected little or big"),
        };

        var classes = new TorchClasses(storage => Locate(source, byName, storage, isBigEndian), MostBytes(source));
        using ByteSource? unpacked = pickle.IsDeflated
            ? ByteSource.Of($"{source.Name}: data.pkl", ZipDirectory.Load(source, pickle)) : null;
        long start = unpacked is null ? pickle.Offset : 0;
        object? held = PickleReader.Read(new PickleBytes(unpacked ?? source, start, start + pickle.Bytes), classes.ForPickle());
        return Content("PyTorch checkpoint (zip)", held, entry, source.Name);
    }

    /// <summary>Reads a stream of pickles: number, version, machine, object, keys of the storages; then the storages.</summary>
    /// <inheritdoc cref="ReadZip"/>
    public static WeightContent ReadLegacy(ByteSource source, string? entry)
    {
        var classes = new TorchClasses(_ => { }, MostBytes(source));
        var bytes = new PickleBytes(source, 0, source.Length);
        PickleClasses plain = classes.ForPickle();
        _ = PickleReader.Read(bytes, plain);
        object? version = PickleReader.Read(bytes, plain);
        if (version is not 1001L)
            throw new BadInputException($"{source.Name}: is a PyTorch file of version {version ?? "None"}, expected 1001");
        _ = PickleReader.Read(bytes, plain);
        object? root = PickleReader.Read(bytes, plain);
        if (PickleReader.Read(bytes, plain) is not List<object?> keys)
            throw new BadInputException($"{source.Name}: has no list of its storages at byte {bytes.Position}, expected one; "
                + "it is damaged");
        Span<byte> number = stackalloc byte[sizeof(long)];
        long at = bytes.Position;
        foreach (object? named in keys)
        {
            string key = PickleText.Of(named) ?? throw new BadInputException($"{source.Name}: has a storage whose key is no text");
            if (!classes.Storages.TryGetValue(key, out TorchStorage? storage) || storage.Reader is not null)
                throw new BadInputException($"{source.Name}: lists a storage '{key}'"
                    + $" {(storage is null ? "that no tensor names" : "twice")}; "
                    + "it is damaged");
            source.Read(at, number);
            long count = BitConverter.ToInt64(number), start = at + sizeof(long);
            if (count != storage.Count)
                throw new BadInputException($"{source.Name}: storage '{key}' at byte {at} has {count} elements, expected {storage.Count}");
            if (storage.Bytes > source.Length - start)
                throw new BadInputException($"{source.Name}: storage '{key}' takes {storage.Bytes} bytes at byte {start}, "
                    + $"{source.Length - start} are left; the file is cut off");
            storage.Reader = (offset, bytesOf) => source.Read(start + offset, bytesOf);
            at = start + storage.Bytes;
        }

        if (classes.Storages.Values.FirstOrDefault(s => s.Reader is null) is { } missing)
            throw new BadInputException($"{source.Name}: has no storage '{missing.Key}', which a tensor names; it is damaged");
        return Content("PyTorch checkpoint (before 1.6)", root, entry, source.Name);
    }

    private static long MostBytes(ByteSource source) => (MostShared * source.Length) + MostRepeated;

    private static void Locate(ByteSource source, Dictionary<string, ZipRecord> records, TorchStorage storage, bool isBigEndian)
    {
        if (storage.Key.Contains('/') || storage.Key.Contains("..", StringComparison.Ordinal)
            || !records.TryGetValue($"data/{storage.Key}", out ZipRecord? record))
            throw new PickleCallException($"storage '{storage.Key}' is not in the archive");
        if (record.Bytes != storage.Bytes)
            throw new PickleCallException($"storage '{storage.Key}' has {record.Bytes} bytes, expected {storage.Bytes}");
        storage.IsBigEndian = isBigEndian;
        storage.Reader = record.IsDeflated
            ? (offset, count) => ZipDirectory.Load(source, record).AsSpan((int)offset, (int)count).ToArray()
            : (offset, count) => source.Read(record.Offset + offset, count);
    }

    private static void CheckVersion(ByteSource source, Dictionary<string, ZipRecord> records)
    {
        const int newest = 10;
        string? version = Text(source, records, ".data/version") ?? Text(source, records, "version");
        if (!int.TryParse(version, CultureInfo.InvariantCulture, out int number) || number is < 1 or > newest)
            throw new BadInputException($"{source.Name}: is a PyTorch archive of version '{version ?? "none"}', expected 1 to {newest}");
    }

    private static string? Text(ByteSource source, Dictionary<string, ZipRecord> records, string name) =>
        records.TryGetValue(name, out ZipRecord? record) && record.Bytes <= LongestNumber
            ? Encoding.UTF8.GetString(ZipDirectory.Load(source, record)).Trim() : null;

    private static WeightContent Content(string format, object? root, string? entry, string where)
    {
        (IReadOnlyList<(string Name, TorchTensor Tensor)> tensors, string? remark) = StateDictionary.Find(root, entry, where);
        var names = new HashSet<string>();
        foreach ((string name, TorchTensor _) in tensors)
            if (!names.Add(name))
                throw new BadInputException($"{where}: has two tensors named '{name}'");
        return new WeightContent(format, [.. tensors.Select(t => new WeightTensor(t.Name, t.Tensor.Type, t.Tensor.Shape, t.Tensor.Load))],
            remark is null ? [] : [remark]);
    }
}
