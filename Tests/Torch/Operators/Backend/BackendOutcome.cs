namespace CnnOnnx.Tests.Operators.Backend;

/// <summary>Outcome of one conformance test.</summary>
/// <param name="Operators">Types of all its nodes, bodies included.</param>
/// <param name="LeftOut">Why it is not run; null when it was.</param>
/// <param name="Failure">The first fault; null when it passed or was left out.</param>
internal sealed record BackendOutcome(string Name, IReadOnlySet<string> Operators, string? LeftOut, string? Failure)
{
    public bool Passed => LeftOut is null && Failure is null;
}
