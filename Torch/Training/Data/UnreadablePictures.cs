namespace CnnOnnx.Torch.Training;

/// <summary>Pictures of a stream that could not be read, as they are met by any thread.</summary>
/// <param name="count">Number of all pictures, readable or not.</param>
internal sealed class UnreadablePictures(int count)
{
    // By place in the set, so that the first of them is the same whichever thread met it.
    private readonly SortedDictionary<int, string> _met = [];

    /// <summary>Files with reasons, in the order of the set.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_met)
                return [.. _met.Values];
        }
    }

    /// <summary>Counts one.</summary>
    /// <param name="index">Place in the set.</param>
    /// <param name="fault">Reason, which names the file.</param>
    /// <exception cref="BadInputException">There are too many of these.</exception>
    public void Add(int index, BadInputException fault)
    {
        lock (_met)
        {
            _met[index] = fault.Message;
            if (BatchSource.TooMany([.. _met.Values], count) is { } problem)
                throw new BadInputException(problem, fault);
        }
    }
}
