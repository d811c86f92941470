namespace CnnOnnx.Cli;

/// <summary>Options by purpose, in the order of the help. One that stands in no group is shown behind them.</summary>
internal static class OptionGroups
{
    public const string MostUsed = "Most used", Others = "More", Everywhere = "Of every command";

    /// <summary>Title → names of options.</summary>
    public static (string Title, string[] Options)[] All { get; } =
    [
        ("Where results go", ["--out", "--force", "--open", "--junit"]),
        ("What counts as different", ["--rtol", "--atol", "--tolerance", "--pair", "--local"]),
        ("Which boxes", ["--confidence", "--overlap", "--max-boxes", "--across-classes", "--every-class"]),
        ("Which data", ["--data", "--part", "--validation", "--train", "--test", "--mirror", "--resume"]),
        ("Which tensors",
            ["--tensors", "--ops", "--first", "--last", "--stages", "--constants", "--max-channels", "--tensor", "--channel", "--all"]),
        ("How a picture becomes the input",
            ["--preset", "--size", "--resize", "--channels", "--crop-margin", "--range", "--mean", "--std", "--input", "--labels"]),
        ("What is written",
            ["--each-channel", "--raw", "--npy", "--tables", "--vectors", "--interchange", "--pca", "--profile", "--video", "--without",
                "--no-kernels"]),
        ("How pictures look", ["--scale", "--symmetric", "--colormap", "--columns", "--rows", "--tile-size", "--format", "--layout"]),
        ("Which inputs", ["--recursive", "--every", "--frames", "--root"]),
        ("On many machines",
            ["--plan", "--shard", "--shards", "--extend", "--status", "--move", "--merge", "--cpus", "--parallel", "--time", "--program",
            "--image", "--claim", "--mount"]),
        ("How it learns",
            ["--epochs", "--lr", "--optimizer", "--momentum", "--weight-decay", "--schedule", "--init", "--freeze", "--keep-head"]),
        ("How it runs",
            ["--device", "--threads", "--batch", "--memory", "--optimization", "--optimization-b", "--device-b",
            "--runs", "--noise", "--seed"]),
    ];

    /// <summary>Title of the group of an option.</summary>
    public static string Of(string option) => Array.Find(All, group => group.Options.Contains(option)).Title ?? Others;
}
