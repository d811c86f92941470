using System.Runtime.InteropServices;

namespace CnnOnnx.Formats;

/// <summary>
/// The numbers of a Darknet file of weights: a header and float32 values that have a place and no name. A network's cfg says
/// which layer they belong to.
/// </summary>
internal sealed class DarknetWeights : IDisposable
{
    private const int VersionBytes = 12;

    // Versions beyond are marked so: fully connected layers are stored the other way round.
    private const int Transposed = 1000;
    private const int MostVersion = 100_000;

    private readonly ByteSource _source;
    private readonly int[] _version;

    private DarknetWeights(ByteSource source, int[] version) => (_source, _version) = (source, version);

    /// <summary>Matrices of fully connected layers are [inputs][outputs].</summary>
    public bool IsTransposed => _version[0] > Transposed || _version[1] > Transposed;

    /// <summary>Version of the writer, such as 0.2.5.</summary>
    public string Version => string.Join('.', _version);

    /// <summary>Bytes of the header: version 0.2 and later count the pictures in 8 bytes, older ones in 4.</summary>
    public int HeaderBytes { get; private set; }

    /// <summary>Values behind the header.</summary>
    public long Count => (_source.Length - HeaderBytes) / sizeof(float);

    /// <summary>No part of a value is left behind the last.</summary>
    public bool HasWholeValues => (_source.Length - HeaderBytes) % sizeof(float) == 0;

    /// <summary>Opens a file and reads its header. The caller disposes it.</summary>
    /// <param name="path">A file of weights.</param>
    /// <param name="expected">Number of values that the network has: it decides between the two lengths of header.</param>
    /// <exception cref="BadInputException">Not such a file.</exception>
    public static DarknetWeights Open(string path, long expected)
    {
        ByteSource? source = ByteSource.Open(path);
        try
        {
            int[] version = MemoryMarshal.Cast<byte, int>(source.Read(0, (long)VersionBytes)).ToArray();
            if (version.Any(number => number is < 0 or > MostVersion))
                throw new BadInputException($"{path}: begins with {string.Join(", ", version)}, expected the version of a Darknet file of "
                    + "weights, such as 0, 2, 0");
            bool isLong = (version[0] * 10L) + version[1] >= 2 && version[0] < Transposed && version[1] < Transposed;
            int[] headers = isLong ? [VersionBytes + 8, VersionBytes + 4] : [VersionBytes + 4, VersionBytes + 8];
            // Forks differ in which versions count long: the length of the rest tells.
            int header = headers.FirstOrDefault(bytes => source.Length == bytes + (expected * sizeof(float)), headers[0]);
            var weights = new DarknetWeights(source, version) { HeaderBytes = (int)Math.Min(header, source.Length) };
            source = null;
            return weights;
        }
        finally
        {
            source?.Dispose();
        }
    }

    /// <summary>Reads values.</summary>
    /// <param name="first">Place of the first value.</param>
    /// <param name="count">Number of values.</param>
    public byte[] Read(long first, long count) => _source.Read(HeaderBytes + (first * sizeof(float)), count * sizeof(float));

    /// <summary>True when a file begins as such a file does; there is no more to tell it by.</summary>
    public static bool IsLikely(ReadOnlySpan<byte> start) => start.Length >= VersionBytes + 4
        && MemoryMarshal.Cast<byte, int>(start[..VersionBytes]).ToArray() is [>= 0 and < 10, >= 0 and < 10, >= 0 and < 100] version
        && version.Sum() > 0;

    public void Dispose() => _source.Dispose();
}
