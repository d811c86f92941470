// Makes a smaller copy of a library that carries CUDA code for many generations of GPU: what other generations would run is
// zeroed, so that it compresses to nothing. Offsets, headers and the code of the processor stay as they are: the driver chooses by
// the headers and never looks at the rest.
//
//   dotnet run build/ThinCuda.cs -- libonnxruntime_providers_cuda.so thin.so --arch sm_90 [--common]
//
// --common also empties code that the library has for some generations only. In ONNX Runtime that is attention and mixtures of
// experts of language models; what a convolutional network runs is there for every generation.

using System.Buffers.Binary;
using System.Globalization;

return ThinCuda.Run(args);

internal static class ThinCuda
{
    private const string Usage = "ThinCuda expects IN OUT --arch sm_NN [--common]";

    public static int Run(string[] args)
    {
        try
        {
            if (args is not [string input, string output, "--arch", string arch, ..] || args.Length > 5
                || (args.Length == 5 && args[4] != "--common"))
                throw new InvalidDataException(Usage);
            if (!arch.StartsWith("sm_", StringComparison.Ordinal)
                || !uint.TryParse(arch.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out uint wanted))
                throw new InvalidDataException($"--arch is '{arch}', expected sm_ and a number such as sm_90");
            byte[] file = File.ReadAllBytes(input);
            (int start, int length) = SectionOf(file, ".nv_fatbin");
            List<Fatbin> fatbins = Fatbin.ReadAll(file.AsSpan(start, length));
            Console.WriteLine(Thin(file.AsSpan(start, length), fatbins, wanted, common: args.Length == 5));
            File.WriteAllBytes(output, file);
            return 0;
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"error: {fault.Message}");
            return 2;
        }
    }

    private static string Thin(Span<byte> section, List<Fatbin> fatbins, uint wanted, bool common)
    {
        uint[] all = [.. fatbins.SelectMany(f => f.Entries).Select(e => e.Arch).Distinct().Order()];
        if (!all.Contains(wanted))
            throw new InvalidDataException($"has no code for sm_{wanted}, only for {string.Join(", ", all.Select(a => $"sm_{a}"))}");
        (long before, long kept) = (0, 0);
        foreach (Fatbin fatbin in fatbins)
        {
            bool isMeant = !common || all.All(arch => fatbin.Entries.Any(e => e.Arch == arch));
            foreach (FatbinEntry entry in fatbin.Entries)
            {
                before += entry.Length;
                if (isMeant && entry.Arch == wanted)
                    kept += entry.Length;
                else
                    section.Slice(entry.Offset, entry.Length).Clear();
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{fatbins.Count} fatbins, {fatbins.Sum(f => f.Entries.Count)} entries for "
            + $"{string.Join(", ", all.Select(a => $"sm_{a}"))}: {kept} of {before} bytes kept for sm_{wanted}");
    }

    /// <summary>Offset and bytes of a section of a 64-bit little-endian ELF file.</summary>
    private static (int Start, int Length) SectionOf(ReadOnlySpan<byte> file, string name)
    {
        if (file.Length < 64 || !file[..6].SequenceEqual("\u007fELF\u0002\u0001"u8))
            throw new InvalidDataException("is no 64-bit little-endian ELF file");
        long table = BinaryPrimitives.ReadInt64LittleEndian(file[0x28..]);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(file[0x3a..]), count = BinaryPrimitives.ReadUInt16LittleEndian(file[0x3c..]);
        int names = BinaryPrimitives.ReadUInt16LittleEndian(file[0x3e..]);
        ReadOnlySpan<byte> strings = Bytes(file, Header(file, names));
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> header = Header(file, i);
            ReadOnlySpan<byte> own = strings[(int)BinaryPrimitives.ReadUInt32LittleEndian(header)..];
            if (own[..own.IndexOf((byte)0)].SequenceEqual(System.Text.Encoding.ASCII.GetBytes(name)))
                return (checked((int)BinaryPrimitives.ReadInt64LittleEndian(header[0x18..])), Bytes(file, header).Length);
        }

        throw new InvalidDataException($"has no section {name}, so it carries no CUDA code");

        ReadOnlySpan<byte> Header(ReadOnlySpan<byte> all, int index) => all.Slice(checked((int)(table + (long)index * size)), size);

        ReadOnlySpan<byte> Bytes(ReadOnlySpan<byte> all, ReadOnlySpan<byte> header) => all.Slice(
            checked((int)BinaryPrimitives.ReadInt64LittleEndian(header[0x18..])), checked((int)BinaryPrimitives.ReadInt64LittleEndian(header[0x20..])));
    }
}

/// <summary>Code of one source file for several generations of GPU.</summary>
internal sealed record Fatbin(List<FatbinEntry> Entries)
{
    private const uint Magic = 0xBA55ED50;

    /// <summary>The fatbins of a section, one after another; between them there may be zeros up to the next multiple of eight.</summary>
    public static List<Fatbin> ReadAll(ReadOnlySpan<byte> section)
    {
        var fatbins = new List<Fatbin>();
        for (int at = 0; at < section.Length;)
        {
            if (section[at..Math.Min(at + 8, section.Length)].IndexOfAnyExcept((byte)0) < 0)
            {
                at += 8;
                continue;
            }

            // Magic, version and size of the header, size of what follows it.
            if (section.Length - at < 16 || BinaryPrimitives.ReadUInt32LittleEndian(section[at..]) != Magic)
                throw new InvalidDataException($".nv_fatbin has no fatbin at 0x{at:x}");
            int first = at + BinaryPrimitives.ReadUInt16LittleEndian(section[(at + 6)..]);
            long end = first + BinaryPrimitives.ReadInt64LittleEndian(section[(at + 8)..]);
            if (end < first || end > section.Length)
                throw new InvalidDataException($".nv_fatbin ends within the fatbin at 0x{at:x}");
            fatbins.Add(new Fatbin(FatbinEntry.ReadAll(section, first, (int)end)));
            at = (int)end;
        }

        return fatbins;
    }
}

/// <summary>Code for one generation, compressed or not.</summary>
/// <param name="Arch">Generation, such as 90.</param>
/// <param name="Offset">First byte of the code within the section.</param>
/// <param name="Length">Bytes of the code, padding included.</param>
internal readonly record struct FatbinEntry(uint Arch, int Offset, int Length)
{
    // Kind, version, size of this header, size of the code, ... generation at 28.
    private const int LeastHeader = 32;

    public static List<FatbinEntry> ReadAll(ReadOnlySpan<byte> section, int at, int end)
    {
        var entries = new List<FatbinEntry>();
        while (at < end)
        {
            ReadOnlySpan<byte> header = section[at..end];
            long headerSize = header.Length < LeastHeader ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
            long size = headerSize == 0 ? 0 : BinaryPrimitives.ReadInt64LittleEndian(header[8..]);
            if (headerSize < LeastHeader || size < 0 || headerSize + size > header.Length)
                throw new InvalidDataException($".nv_fatbin has a broken entry at 0x{at:x}");
            entries.Add(new FatbinEntry(
                BinaryPrimitives.ReadUInt32LittleEndian(header[28..]), at + (int)headerSize, (int)size));
            at += (int)(headerSize + size);
        }

        return entries;
    }
}
