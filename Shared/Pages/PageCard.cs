using System.Collections.Frozen;
using CnnOnnx.Onnx;

namespace CnnOnnx.Pages;

/// <summary>
/// One card of a page: heading, badge, note, and a body that the page's script puts in when somebody comes near. A list beside the cards
/// leads to them.
/// </summary>
internal sealed record PageCard
{
    // The colour of a badge; page.css knows the same words.
    private static readonly FrozenDictionary<OperatorFamily, string> Families = new Dictionary<OperatorFamily, string>
    {
        [OperatorFamily.Convolution] = "conv",
        [OperatorFamily.Dense] = "dense",
        [OperatorFamily.Activation] = "activation",
        [OperatorFamily.Pooling] = "pool",
        [OperatorFamily.Normalization] = "norm",
        [OperatorFamily.Other] = "other",
    }.ToFrozenDictionary();

    /// <summary>Address of the card within the page, such as t12.</summary>
    public required string Anchor { get; init; }

    /// <summary>Heading; a name of the model, in full.</summary>
    public required string Name { get; init; }

    /// <summary>Operator, on the badge; empty for none.</summary>
    public string Op { get; init; } = "";

    /// <summary>Words beside the badge, such as "64 maps of 111 × 111".</summary>
    public string Note { get; init; } = "";

    /// <summary>Axes for the find box, such as 1x64x111x111.</summary>
    public string Shape { get; init; } = "";

    /// <summary>Size in the list, such as "64 · 111²".</summary>
    public string Size { get; init; } = "";

    /// <summary>A value that needs no body, at the right of the heading.</summary>
    public string Value { get; init; } = "";

    /// <summary>What a reader should not miss, such as "12 NaN"; empty for nothing.</summary>
    public string Alarm { get; init; } = "";

    /// <summary>Content, without scripts; empty for a heading alone.</summary>
    public Html Body { get; init; }

    /// <summary>Attributes for the scripts, each after a space.</summary>
    public Html Attributes { get; init; }

    /// <summary>Data for the scripts, behind the body.</summary>
    public Html Data { get; init; }

    /// <summary>True for what only moves shapes and constants about: not shown until somebody asks.</summary>
    public bool IsPlumbing { get; init; }

    /// <summary>True where the page's head has the card already: then it is in the list only.</summary>
    public bool IsPlaced { get; init; }

    /// <summary>Colour of the badge, as the style sheet knows it.</summary>
    public string Family => Families[OperatorFacts.Of(Op).Family];

    /// <summary>Gives the address of a numbered card.</summary>
    public static string AnchorOf(int index) => $"t{index}";

    /// <summary>The card. Its body is text until the script shows it: hundreds of layers that nobody looks at yet cost nothing.</summary>
    public Html Whole => Html.Of($"""
        <section id="{Anchor}" class="{Classes}" data-find="{$"{Name} {Op} {Note}".ToLowerInvariant()}" data-op="{Op}" data-shape="{Shape}"{Attributes}>
        <header><h2>{Name}</h2>{Badge}<span class="shape">{Note}</span>{Warning}{(Value.Length > 0 ? Html.Of($"""<span class="value">{Value}</span>""") : Html.Empty)}</header>
        {Content}{Data}
        </section>

        """);

    private string Classes => $"card{(Body.Length == 0 ? " small" : "")}{(IsPlumbing ? " plumbing" : "")}";

    private Html Badge => Op.Length == 0 ? Html.Empty : Html.Of($"""<span class="op {Family}">{Op}</span>""");

    private Html Warning => Alarm.Length == 0 ? Html.Empty : Html.Of($"""<span class="op alarm">{Alarm}</span>""");

    private Html Content => Body.Length == 0 ? Html.Empty
        : Html.Of($"""<div class="body"></div><script type="text/html" class="lazy">{Body}</script>""");
}
