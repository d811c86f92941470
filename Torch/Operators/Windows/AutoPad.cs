namespace CnnOnnx.Torch.Operators;

/// <summary>How a window's padding is found.</summary>
internal enum AutoPad
{
    /// <summary>From the attribute pads.</summary>
    NotSet,

    /// <summary>None.</summary>
    Valid,

    /// <summary>So that an output has ⌈input / stride⌉ cells; an odd cell comes last.</summary>
    SameUpper,

    /// <summary>The same with the odd cell first.</summary>
    SameLower,
}
