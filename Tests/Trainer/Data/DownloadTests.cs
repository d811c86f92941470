using System.Security.Cryptography;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Data;
using static CnnOnnx.Tests.Data.FaultyServer;

namespace CnnOnnx.Tests.Data;

[TestClass]
public sealed class DownloadTests
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * i >> 3))];
    private static readonly byte[] Lie = [.. Content.Select(b => (byte)(b ^ 1))];
    private static readonly RemoteFile File1 = new("a.gz", Content.Length, Convert.ToHexStringLower(SHA256.HashData(Content)));

    private readonly TemporaryFolder _folder = new();
    private long _reported;

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    [TestMethod]
    public void Fetch_RightServer_HasTheFileAndNoOther()
    {
        using var server = new FaultyServer(Sends(Content));

        CollectionAssert.AreEqual(new[] { "a.gz" }, Fetch(server));

        AssertFetched();
        Assert.AreEqual("/files/a.gz 0", string.Join(", ", server.Requests));
        Assert.AreEqual(Content.Length, _reported);
    }

    [TestMethod]
    public void Fetch_FileIsThere_AsksNobody()
    {
        File.WriteAllBytes(_folder.File("a.gz"), Content);
        using var server = new FaultyServer(Sends(Lie));
        Assert.IsEmpty(Fetch(server));
        Assert.IsEmpty(server.Requests);
    }

    [TestMethod]
    public void Fetch_WrongFileIsThere_ReplacesIt()
    {
        File.WriteAllBytes(_folder.File("a.gz"), Lie);
        using var server = new FaultyServer(Sends(Content));
        _ = Fetch(server);
        AssertFetched();
    }

    [TestMethod]
    public void Fetch_ServerBreaksOff_GoesOnWhereItEnded()
    {
        using var server = new FaultyServer(Sends(Content, 100_000), Sends(Content, 150_000), Sends(Content));
        _ = Fetch(server);
        AssertFetched();
        Assert.AreEqual("/files/a.gz 0, /files/a.gz 100000, /files/a.gz 250000", string.Join(", ", server.Requests));
        Assert.AreEqual(Content.Length, _reported);
    }

    [TestMethod]
    public void Fetch_ServerStalls_IsAskedAgainForTheRest()
    {
        using var server = new FaultyServer(StallsAfter(Content, 100_000), Sends(Content));
        _ = Fetch(server);
        AssertFetched();
        Assert.AreEqual("/files/a.gz 0, /files/a.gz 100000", string.Join(", ", server.Requests));
    }

    [TestMethod]
    public void Fetch_StoppedBefore_GoesOnWhereThatEnded()
    {
        File.WriteAllBytes(_folder.File("a.gz.part"), Content[..200_000]);
        using var server = new FaultyServer(Sends(Content));
        _ = Fetch(server);
        AssertFetched();
        Assert.AreEqual("/files/a.gz 200000", string.Join(", ", server.Requests));
        Assert.AreEqual(Content.Length, _reported);
    }

    [TestMethod]
    public void Fetch_ServerKnowsNoRanges_StartsAgain()
    {
        File.WriteAllBytes(_folder.File("a.gz.part"), Content[..200_000]);
        using var server = new FaultyServer(IgnoresRanges(Content));
        _ = Fetch(server);
        AssertFetched();
        Assert.AreEqual(Content.Length, _reported);
    }

    [TestMethod]
    public void Fetch_StartIsFromALiar_FetchesAllOfIt()
    {
        File.WriteAllBytes(_folder.File("a.gz.part"), Lie[..200_000]);
        using var server = new FaultyServer(Sends(Content));
        _ = Fetch(server);
        AssertFetched();
        Assert.AreEqual("/files/a.gz 200000, /files/a.gz 0", string.Join(", ", server.Requests));
    }

    [TestMethod]
    public void Fetch_FirstMirrorLies_TakesTheSecond()
    {
        using FaultyServer liar = new(Sends(Lie)), honest = new(Sends(Content));
        _ = Fetch(liar, honest);
        AssertFetched();
    }

    [TestMethod]
    public void Fetch_FirstMirrorSendsTooMuch_TakesTheSecond()
    {
        using FaultyServer chatty = new(IgnoresRanges([.. Content, 1, 2, 3])), honest = new(Sends(Content));
        _ = Fetch(chatty, honest);
        AssertFetched();
    }

    [TestMethod]
    public void Fetch_NoMirrorHasIt_NamesFilesFolderAndReasons()
    {
        using FaultyServer liar = new(Sends(Lie)), missing = new(Fails("404 Not Found")), mute = new(StallsAfter(Content, 0));
        var second = new RemoteFile("b.gz", 5, "");

        var fault = Assert.ThrowsExactly<BadInputException>(() => Fetch([File1, second], liar, missing, mute));

        Assert.AreEqual("a.gz cannot be fetched (127.0.0.1: its a.gz has another content (SHA-256); 127.0.0.1: answers 404 Not Found; "
            + $"127.0.0.1: silent for 0.5 s); put a.gz, b.gz into {_folder.Path} by other means", fault.Message);
        Assert.IsFalse(File.Exists(_folder.File("a.gz")));
    }

    [TestMethod]
    public void Fetch_NobodyListens_IsOneLineAndQuick()
    {
        Uri nowhere;
        using (var closed = new FaultyServer(Sends(Content)))
            nowhere = closed.Address;
        using var client = new HttpClient();
        var fault = Assert.ThrowsExactly<BadInputException>(
            () => new Download(client).FetchAsync([File1], [nowhere], _folder.Path, null, default).GetAwaiter().GetResult());
        StringAssert.StartsWith(fault.Message, "a.gz cannot be fetched (127.0.0.1: Connection refused");
    }

    [TestMethod]
    public void Fetch_AlwaysBreaksOff_GivesUpAtLast()
    {
        using var server = new FaultyServer(Sends(Content, 10));
        var fault = Assert.ThrowsExactly<BadInputException>(() => Fetch(server));
        StringAssert.StartsWith(fault.Message, "a.gz cannot be fetched (127.0.0.1: ");
        Assert.HasCount(20, server.Requests);
    }

    [TestMethod]
    public void Fetch_FolderIsAFile_SaysSo()
    {
        File.WriteAllText(_folder.File("x"), "");
        using var client = new HttpClient();
        var fault = Assert.ThrowsExactly<BadInputException>(
            () => new Download(client).FetchAsync([File1], [], _folder.File("x"), null, default).GetAwaiter().GetResult());
        Assert.AreEqual($"{_folder.File("x")}: is a file, expected a folder for the results", fault.Message);
    }

    [TestMethod]
    public void Fetch_Cancelled_KeepsWhatHasArrived()
    {
        using var server = new FaultyServer(StallsAfter(Content, 100_000));
        using var client = new HttpClient();
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        Assert.Throws<OperationCanceledException>(() =>
            new Download(client).FetchAsync([File1], [server.Address], _folder.Path, null, cancel.Token).GetAwaiter().GetResult());
        Assert.AreEqual(100_000, new FileInfo(_folder.File("a.gz.part")).Length);
    }

    private string[] Fetch(params FaultyServer[] mirrors) => Fetch([File1], mirrors);

    private string[] Fetch(RemoteFile[] files, params FaultyServer[] mirrors)
    {
        using var client = new HttpClient();
        return new Download(client) { StallTimeout = TimeSpan.FromSeconds(0.5) }
            .FetchAsync(files, [.. mirrors.Select(m => m.Address)], _folder.Path, bytes => _reported += bytes, default)
                .GetAwaiter().GetResult();
    }

    private void AssertFetched()
    {
        CollectionAssert.AreEqual(Content, File.ReadAllBytes(_folder.File("a.gz")));
        Assert.AreEqual("a.gz", string.Join(", ", Directory.GetFiles(_folder.Path).Select(Path.GetFileName)));
    }
}
