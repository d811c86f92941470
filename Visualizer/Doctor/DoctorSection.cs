namespace CnnOnnx.Visualizer.Doctor;

/// <summary>Facts about one thing.</summary>
internal sealed record DoctorSection(string Title, DoctorFact[] Facts)
{
    /// <summary>Facts that may not be had at all, because a native library does not load: then that is the fact.</summary>
    public static DoctorSection Try(string title, Func<IEnumerable<DoctorFact>> look)
    {
        try
        {
            return new DoctorSection(title, [.. look()]);
        }
        // A static constructor that fails wraps the reason; the innermost one is what helps.
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            Exception reason = fault.GetBaseException();
            return new DoctorSection(title, [new DoctorFact("cannot be loaded", FirstLine(reason.Message), FactState.Missing)]);
        }
    }

    private static string FirstLine(string message) => message.Split('\n')[0].Trim();
}
