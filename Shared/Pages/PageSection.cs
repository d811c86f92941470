using System.Collections.Frozen;
using CnnOnnx.Onnx;

namespace CnnOnnx.Pages;

/// <summary>A layer, or a weight, in a report.</summary>
/// <param name="Index">Number in front of the name.</param>
/// <param name="Name">Name in the model.</param>
/// <param name="Op">Type of node.</param>
/// <param name="Shape">Axes as text.</param>
/// <param name="Facts">Facts below the heading.</param>
/// <param name="Body">The pictures; no script may be in it.</param>
/// <param name="Data">Attributes for the script.</param>
internal sealed record PageSection(
    int Index, string Name, string Op, string Shape, IReadOnlyList<PageFact> Facts, Html Body, Html Data = default)
{
    // The colour of a layer's mark; report.css knows the same words.
    private static readonly FrozenDictionary<OperatorFamily, string> Families = new Dictionary<OperatorFamily, string>
    {
        [OperatorFamily.Convolution] = "conv",
        [OperatorFamily.Dense] = "dense",
        [OperatorFamily.Activation] = "activation",
        [OperatorFamily.Pooling] = "pool",
        [OperatorFamily.Normalization] = "norm",
        [OperatorFamily.Other] = "other",
    }.ToFrozenDictionary();

    public string Anchor => AnchorOf(Index);

    public string Family => Families[OperatorFacts.Of(Op).Family];

    public static string AnchorOf(int index) => $"t{index}";

    /// <summary>Text that the find box searches.</summary>
    public string SearchText => $"{Name} {Op} {Shape}".ToLowerInvariant();

    public Html Entry => Html.Of(
        $"""<li data-find="{SearchText}"><a href="#{Anchor}"><i class="{Family}"></i><b>{Name}</b><span>{Op}</span><small>{Shape}</small></a></li>""");

    /// <summary>The pictures are text until the script shows them: hundreds of layers that nobody looks at yet cost nothing.</summary>
    public Html Whole => Html.Of($"""
        <section id="{Anchor}" data-find="{SearchText}">
        <h2><span class="index">{Index}</span><span class="name">{Name}</span><span class="op {Family}">{Op}</span><span class="shape">{Shape}</span></h2>
        <dl class="facts">{Html.Join(Facts.Select(Fact))}</dl>
        <div class="pictures"></div>
        <script type="text/html" class="body">{Body}</script>{Data}
        </section>

        """);

    private static Html Fact(PageFact fact) =>
        Html.Of($"""<div{(fact.Alarm ? new Html(" class=\"alarm\"") : Html.Empty)}><dt>{fact.Label}</dt><dd>{fact.Value}</dd></div>""");
}

/// <summary>A small fact below a heading.</summary>
/// <param name="Label">Name of the fact.</param>
/// <param name="Value">Value as text.</param>
/// <param name="Alarm">Something a reader should not miss, such as NaN.</param>
internal sealed record PageFact(string Label, string Value, bool Alarm = false);
