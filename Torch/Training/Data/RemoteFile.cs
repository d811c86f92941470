namespace CnnOnnx.Torch.Training;

/// <summary>A file that is fetched: its name, on the server and here, and what its content must be.</summary>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">In lower case hexadecimal.</param>
internal sealed record RemoteFile(string Name, long Bytes, string Sha256);
