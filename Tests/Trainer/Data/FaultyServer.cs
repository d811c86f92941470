using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace CnnOnnx.Tests.Data;

/// <summary>
/// A web server on this machine that answers one request after the other as it is told, rightly or not. Keeps which ranges
/// were asked for.
/// </summary>
internal sealed class FaultyServer : IDisposable
{
    /// <summary>Answers a request for the bytes from an offset on; the connection is closed when it returns.</summary>
    public delegate Task Answer(Stream connection, int from, CancellationToken stop);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    /// <param name="answers">The answers in turn; the last one is repeated.</param>
    public FaultyServer(params Answer[] answers)
    {
        _listener.Start();
        _loop = ServeAsync(answers);
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/files/");

    /// <summary>Path and first byte of every request.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Sends the content as asked for, but only so many bytes of it, although it promises all.</summary>
    public static Answer Sends(byte[] content, int atMost = int.MaxValue) => async (connection, from, stop) =>
    {
        string status = from > 0 ? $"206 Partial Content\r\nContent-Range: bytes {from}-{content.Length - 1}/{content.Length}" : "200 OK";
        await HeadAsync(connection, status, content.Length - from, stop);
        await connection.WriteAsync(content.AsMemory(from, Math.Min(atMost, content.Length - from)), stop);
    };

    /// <summary>Sends the whole content, whatever was asked for.</summary>
    public static Answer IgnoresRanges(byte[] content) => async (connection, _, stop) =>
    {
        await HeadAsync(connection, "200 OK", content.Length, stop);
        await connection.WriteAsync(content, stop);
    };

    /// <summary>Sends the beginning and then nothing more, and does not hang up.</summary>
    public static Answer StallsAfter(byte[] content, int bytes) => async (connection, from, stop) =>
    {
        await Sends(content, bytes)(connection, from, stop);
        await Task.Delay(Timeout.Infinite, stop);
    };

    public static Answer Fails(string status) => (connection, _, stop) => HeadAsync(connection, status, 0, stop);

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        try
        {
            _loop.GetAwaiter().GetResult();
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // stopped while it waited
        }

        _stop.Dispose();
    }

    private async Task ServeAsync(Answer[] answers)
    {
        var open = new List<Task>();
        for (int i = 0; !_stop.IsCancellationRequested; i++)
        {
            TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
            open.Add(AnswerAsync(client, answers[Math.Min(i, answers.Length - 1)]));
        }
    }

    private async Task AnswerAsync(TcpClient client, Answer answer)
    {
        using (client)
        {
            NetworkStream connection = client.GetStream();
            string request = "";
            byte[] buffer = new byte[4096];
            while (!request.Contains("\r\n\r\n", StringComparison.Ordinal))
                request += Encoding.ASCII.GetString(buffer, 0, await connection.ReadAsync(buffer, _stop.Token));
            Match range = Regex.Match(request, @"Range: bytes=(\d+)-");
            int from = range.Success ? int.Parse(range.Groups[1].Value, null) : 0;
            lock (Requests)
                Requests.Add($"{request.Split(' ')[1]} {from}");
            try
            {
                await answer(connection, from, _stop.Token);
            }
            catch (Exception fault) when (fault is IOException or OperationCanceledException)
            {
                // the client has hung up, or the test is over
            }
        }
    }

    private static async Task HeadAsync(Stream connection, string status, int length, CancellationToken stop) =>
        await connection.WriteAsync(
            Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"), stop);
}
