using Spectre.Console.Rendering;

namespace ActorServer.Cli.Screens;

/// <summary>A text that is cut where it does not fit, and never folded.</summary>
internal sealed class OneLine(string text) : IRenderable
{
    private const int WidthMin = 5;

    private readonly Segment _whole = new(Plain.Text(text));

    public Measurement Measure(RenderOptions options, int maxWidth)
        => new(Math.Min(WidthMin, _whole.CellCount()), _whole.CellCount());

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
        => _whole.CellCount() <= maxWidth ? [_whole] : [.. Segment.Truncate([_whole], maxWidth - 1), new("…")];
}
