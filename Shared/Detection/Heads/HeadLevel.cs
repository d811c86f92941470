using System.Collections.Immutable;

namespace CnnOnnx.Detection;

/// <summary>Rows of a head that are read alike: where their numbers stand and what makes scores and boxes of them.</summary>
internal sealed record HeadLevel
{
    /// <summary>Number of rows.</summary>
    public required int Rows { get; init; }

    /// <summary>One column for each class, background left out; the score alone where <see cref="Label"/> says the class.</summary>
    public required ElementColumns Classes { get; init; }

    /// <summary>Columns in front of the classes that a softmax has to count, too: background.</summary>
    public int Background { get; init; }

    /// <summary>Whether anything is there; null for heads that do not say it.</summary>
    public ElementColumns? Objectness { get; init; }

    /// <summary>Number of the class, in heads that have chosen it.</summary>
    public ElementColumns? Label { get; init; }

    /// <summary>Number that <see cref="Label"/> gives the first class: 1 where 0 is background.</summary>
    public int FirstClass { get; init; }

    /// <summary>Number of the class and row that were chosen, in heads that list what their suppression kept.</summary>
    public ElementColumns? Chosen { get; init; }

    /// <summary>Numbers of the box.</summary>
    public required ElementColumns Box { get; init; }

    /// <summary>Makes the box of them.</summary>
    public required BoxRule Rule { get; init; }

    /// <summary>Meaning of the box's numbers, for explanations.</summary>
    public BoxCoding Coding { get; init; } = BoxCoding.CentreSize;

    /// <summary>Maps whose cells the rows are; empty where they are none, or nobody knows.</summary>
    public ImmutableArray<HeadCells> Cells { get; init; } = [];

    /// <summary>What still has to be done to a class's number to make it a share.</summary>
    public ScoreActivation ClassActivation { get; init; } = ScoreActivation.None;

    /// <summary>What still has to be done to the objectness.</summary>
    public ScoreActivation ObjectnessActivation { get; init; } = ScoreActivation.None;

    /// <summary>The score is the root of objectness times class, both cut to 0 … 1, and not the product itself.</summary>
    public bool IsGeometricMean { get; init; }

    /// <summary>Where a box of this level comes from.</summary>
    public DetectionOrigin OriginOf(int row, int column) =>
        new(Classes.Of(row, column), Objectness?.Of(row), Box.Of(row), Coding);

    public double Score(double objectness, double share) => IsGeometricMean
        ? Math.Sqrt(Math.Clamp(objectness, 0, 1) * Math.Clamp(share, 0, 1))
        : objectness * share;
}

/// <summary>Functions that turn a network's number into a share of 1.</summary>
internal enum ScoreActivation
{
    /// <summary>The graph has done it.</summary>
    None,

    /// <summary>1/(1 + e^−x), each class by itself.</summary>
    Sigmoid,

    /// <summary>e^x over the sum of all classes' e^x.</summary>
    Softmax,
}

/// <summary>A box that a head proposes, before suppression.</summary>
/// <param name="Box">In pixels of the network's input.</param>
/// <param name="Score">Score, 0 to 1.</param>
/// <param name="Class">Index of the class, from 0.</param>
/// <param name="Level">Level of the head.</param>
/// <param name="Row">Row of the level.</param>
/// <param name="Column">Column of the level's classes that the score comes from.</param>
internal readonly record struct Candidate(BoxCorners Box, double Score, int Class, int Level, int Row, int Column);
