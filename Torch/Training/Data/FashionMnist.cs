using System.Collections.Frozen;

namespace CnnOnnx.Torch.Training;

/// <summary>A file that is fetched: its name, on the server and here, and what its content must be.</summary>
/// <param name="Bytes">Size in bytes.</param>
/// <param name="Sha256">In lower case hexadecimal.</param>
internal sealed record RemoteFile(string Name, long Bytes, string Sha256);

/// <summary>
/// Zalando's pictures of clothes, 28x28 grey, 60,000 to train with and 10,000 to test with.
/// https://github.com/zalandoresearch/fashion-mnist
/// </summary>
internal static class FashionMnist
{
    public static string[] Classes { get; } =
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

    /// <summary>The files with their sizes and SHA-256.</summary>
    public static RemoteFile[] Files { get; } =
    [
        new("train-images-idx3-ubyte.gz", 26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
        new("train-labels-idx1-ubyte.gz", 29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        new("t10k-images-idx3-ubyte.gz", 4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        new("t10k-labels-idx1-ubyte.gz", 5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    ];

    /// <summary>Addresses that a file's name is appended to.</summary>
    public static Uri[] Mirrors { get; } =
    [
        new("https://storage.googleapis.com/tensorflow/tf-keras-datasets/"),
        new("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"),
        new("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
    ];

    /// <summary>
    /// SHA-256 of the labels themselves, one byte each, by which the set is told from the digits in files of the same names.
    /// </summary>
    public static FrozenSet<string> LabelHashes { get; } = new[]
    {
        "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
        "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9",
    }.ToFrozenSet();
}
