using System.Buffers.Binary;

namespace CnnOnnx.Visualizer.Survey;

/// <summary>Writes numbers one after another into memory, little endian, as <see cref="BinaryWriter"/> writes them into a stream.</summary>
/// <param name="memory">Large enough for all of them.</param>
internal ref struct SpanWriter(Span<byte> memory)
{
    private readonly Span<byte> _memory = memory;
    private int _written;

    public readonly ReadOnlySpan<byte> Written => _memory[.._written];

    public void Write(int value) => BinaryPrimitives.WriteInt32LittleEndian(Next(sizeof(int)), value);

    public void Write(float value) => BinaryPrimitives.WriteSingleLittleEndian(Next(sizeof(float)), value);

    public void Write(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Next(sizeof(double)), value);

    private Span<byte> Next(int size) => _memory.Slice((_written += size) - size, size);
}
