using System.Collections.Frozen;

namespace CnnOnnx.Imaging;

/// <summary>Preprocessing that many networks share, by name. The size is that of ImageNet networks; change it with <c>with</c>.</summary>
public static class InputPresets
{
    public static FrozenDictionary<string, InputSpec> All { get; } = new Dictionary<string, InputSpec>
    {
        // Mean and standard deviation of ImageNet's training set, RGB, as torchvision's models expect.
        ["imagenet"] = new()
        {
            Size = [224, 224],
            Resize = ResizeMode.Crop,
            Mean = [0.485, 0.456, 0.406],
            Std = [0.229, 0.224, 0.225],
        },
        ["unit"] = new() { Size = [224, 224] },
        ["raw255"] = new() { Size = [224, 224], Range = 255 },
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="BadInputException">Not the name of a preset; the message lists them.</exception>
    public static InputSpec Parse(string name) => All.TryGetValue(name, out InputSpec? spec)
        ? spec
        : throw new BadInputException($"'{name}' is not a preset; expected one of {string.Join(", ", All.Keys.Order(StringComparer.Ordinal))}");
}
