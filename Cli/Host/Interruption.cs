using System.Runtime.InteropServices;

namespace CnnOnnx.Cli.Host;

/// <summary>
/// Ctrl-C and SIGTERM: the first asks the work to end well, those behind it change nothing, and what has not ended in time is left as
/// it is.
/// </summary>
internal static class Interruption
{
    /// <summary>Does work that signals may end.</summary>
    /// <param name="time">How long the work may take to end well after a signal.</param>
    /// <param name="work">Gives an exit code; ends with <see cref="OperationCanceledException"/> where it was asked to.</param>
    /// <returns>What the work gave.</returns>
    /// <exception cref="OperationCanceledException">The work was ended, or did not end in time.</exception>
    public static int Run(TimeSpan time, Func<CancellationToken, int> work)
    {
        using var asked = new CancellationTokenSource();
        var late = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int> working = Task.Run(() => work(asked.Token), CancellationToken.None);
        using PosixSignalRegistration
            keys = PosixSignalRegistration.Create(PosixSignal.SIGINT, End),
            scheduler = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        return Task.WhenAny(working, late.Task).GetAwaiter().GetResult().GetAwaiter().GetResult();

        // The system may end the process as soon as this returns, and calls it for every signal, on threads of their own.
        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            try
            {
                asked.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The work has just ended by itself.
            }

            if (Task.WaitAny([working], time) < 0)
                late.TrySetCanceled();
        }
    }
}
