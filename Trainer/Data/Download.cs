using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using CnnOnnx.Files;
using CnnOnnx.Torch.Training;

namespace CnnOnnx.Trainer.Data;

/// <summary>
/// Fetches files from the first mirror that really has them. What has arrived of a broken download stays beside the file as
/// "name.part" and is gone on with; nothing gets its name before its SHA-256 is right.
/// </summary>
internal sealed class Download(HttpClient client)
{
    private const int BufferBytes = 1 << 16;

    // A server that always breaks off after a few bytes is given up at last.
    private const int MostResumes = 20;

    /// <summary>Longest silence of a server before the next one is tried.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Fetches all files that are not in the folder yet.</summary>
    /// <param name="mirrors">Addresses that a file's name is appended to, in the order in which they are tried.</param>
    /// <param name="progress">Told how many more bytes have arrived; less than 0 when some have to be fetched again.</param>
    /// <returns>The names of the files that were fetched.</returns>
    /// <exception cref="BadInputException">No mirror has a file, or the folder cannot be written.</exception>
    public async Task<string[]> FetchAsync(
        RemoteFile[] files, Uri[] mirrors, string folder, Action<long>? progress, CancellationToken cancel)
    {
        OutputFolder.Create(folder);
        RemoteFile[] missing = [.. files.Where(file => !IsRight(Path.Combine(folder, file.Name), file))];
        foreach (RemoteFile file in missing)
            progress?.Invoke(PartLength(folder, file));
        try
        {
            for (int i = 0; i < missing.Length; i++)
            {
                string[] faults = await FetchAsync(missing[i], mirrors, folder, progress, cancel);
                if (faults.Length > 0)
                    throw new BadInputException($"{missing[i].Name} cannot be fetched ({string.Join("; ", faults)}); put "
                        + $"{string.Join(", ", missing[i..].Select(f => f.Name))} into {Path.GetFullPath(folder)} by other means");
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{folder}: cannot be written: {fault.Message}", fault);
        }

        return [.. missing.Select(f => f.Name)];
    }

    /// <summary>Tries one mirror after the other; returns why each has failed, or nothing when one has not.</summary>
    private async Task<string[]> FetchAsync(RemoteFile file, Uri[] mirrors, string folder, Action<long>? progress, CancellationToken cancel)
    {
        var faults = new List<string>();
        foreach (Uri mirror in mirrors)
        {
            string? fault = await FetchFromAsync(new Uri(mirror, file.Name), file, folder, progress, cancel);
            if (fault is null)
                return [];
            faults.Add($"{mirror.Host}: {fault}");
        }

        return [.. faults];
    }

    private async Task<string?> FetchFromAsync(
        Uri address, RemoteFile file, string folder, Action<long>? progress, CancellationToken cancel)
    {
        string part = PartPath(folder, file);
        string? fault = null;
        for (int i = 0; i < MostResumes; i++)
        {
            long before = PartLength(folder, file);
            if (before < file.Bytes)
                fault = await AppendAsync(address, file, part, progress, cancel);
            long after = PartLength(folder, file);
            if (after < file.Bytes)
            {
                if (after > before)
                    continue;
                return fault;
            }

            if (IsRight(part, file))
            {
                File.Move(part, Path.Combine(folder, file.Name), overwrite: true);
                return null;
            }

            File.Delete(part);
            progress?.Invoke(-after);
            fault = $"its {file.Name} has another content (SHA-256)";
            // Else the start may have come from elsewhere: once more, all from here.
            if (before == 0)
                return fault;
        }

        return fault;
    }

    /// <summary>One request for what is missing; returns what went wrong, if something did.</summary>
    private async Task<string?> AppendAsync(Uri address, RemoteFile file, string partPath, Action<long>? progress, CancellationToken cancel)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        stall.CancelAfter(StallTimeout);
        await using var part = new FileStream(partPath, FileMode.OpenOrCreate, FileAccess.Write);
        part.Position = part.Length;
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (part.Length > 0)
            request.Headers.Range = new RangeHeaderValue(part.Length, null);
        try
        {
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token);
            bool continues = response.StatusCode == HttpStatusCode.PartialContent
            && response.Content.Headers.ContentRange?.From == part.Length;
            if (!continues)
            {
                progress?.Invoke(-part.Length);
                part.SetLength(0);
            }

            if (!continues && response.StatusCode != HttpStatusCode.OK)
                return $"answers {(int)response.StatusCode} {response.ReasonPhrase}";
            await using Stream content = await response.Content.ReadAsStreamAsync(stall.Token);
            return await CopyAsync(content, part, file, progress, stall);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return $"silent for {StallTimeout.TotalSeconds:0.#} s";
        }
        catch (HttpRequestException broken)
        {
            return broken.Message;
        }
    }

    private async Task<string?> CopyAsync(
        Stream content, FileStream part, RemoteFile file, Action<long>? progress, CancellationTokenSource stall)
    {
        byte[] buffer = new byte[BufferBytes];
        while (true)
        {
            stall.CancelAfter(StallTimeout);
            int got;
            try
            {
                got = await content.ReadAsync(buffer, stall.Token);
            }
            catch (IOException broken)
            {
                return broken.Message;
            }

            if (got == 0)
                return part.Length == file.Bytes ? null : $"breaks off after {part.Length:N0} of {file.Bytes:N0} bytes";
            if (part.Length + got > file.Bytes)
            {
                progress?.Invoke(-part.Length);
                part.SetLength(0);
                return $"sends more than the {file.Bytes:N0} bytes of {file.Name}";
            }

            await part.WriteAsync(buffer.AsMemory(0, got), stall.Token);
            await part.FlushAsync(stall.Token);
            progress?.Invoke(got);
        }
    }

    private static string PartPath(string folder, RemoteFile file) => Path.Combine(folder, file.Name + ".part");

    private static long PartLength(string folder, RemoteFile file) =>
        new FileInfo(PartPath(folder, file)) is { Exists: true } part ? part.Length : 0;

    private static bool IsRight(string path, RemoteFile file)
    {
        if (new FileInfo(path) is not { Exists: true } found || found.Length != file.Bytes)
            return false;
        using FileStream content = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(content)) == file.Sha256;
    }
}
