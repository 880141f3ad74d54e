using System.Globalization;
using System.Text;

namespace ActorServer.Benchmarks;

/// <summary>A line of a plot.</summary>
internal sealed record PlotLine(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>A plot with two logarithmic axes: what is linear rises by one decade a decade.</summary>
internal sealed record SvgPlot(string Title, string XName, string YName, IReadOnlyList<PlotLine> Lines)
{
    private const int Width = 760;
    private const int Height = 420;
    private const int Left = 70;
    private const int Right = 250;
    private const int Top = 40;
    private const int Bottom = 50;

    // Told apart by people who see colours differently, too.
    private static readonly string[] Colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

    private (int From, int To) XDecades => Decades(p => p.X);

    private (int From, int To) YDecades => Decades(p => p.Y);

    public override string ToString()
    {
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="12">
            <rect width="{Width}" height="{Height}" fill="white"/>
            <text x="{Left}" y="22" font-size="15">{Title}</text>

            """);
        for (var decade = XDecades.From; decade <= XDecades.To; decade++)
        {
            var x = X(Math.Pow(10, decade));
            svg.Append(CultureInfo.InvariantCulture, $"""<path d="M{x:F1} {Top}V{Height - Bottom}" stroke="#ddd"/>""");
            svg.Append(CultureInfo.InvariantCulture, $"""<text x="{x:F1}" y="{Height - Bottom + 18}" text-anchor="middle">{Number(decade)}</text>""");
            svg.Append('\n');
        }

        for (var decade = YDecades.From; decade <= YDecades.To; decade++)
        {
            var y = Y(Math.Pow(10, decade));
            svg.Append(CultureInfo.InvariantCulture, $"""<path d="M{Left} {y:F1}H{Width - Right}" stroke="#ddd"/>""");
            svg.Append(CultureInfo.InvariantCulture, $"""<text x="{Left - 8}" y="{y + 4:F1}" text-anchor="end">{Number(decade)}</text>""");
            svg.Append('\n');
        }

        foreach (var (line, color) in Lines.Zip(Colors))
        {
            Draw(svg, line, color);
        }

        svg.Append(CultureInfo.InvariantCulture, $"""
            <text x="{(Left + Width - Right) / 2}" y="{Height - 12}" text-anchor="middle">{XName}</text>
            <text x="18" y="{(Top + Height - Bottom) / 2}" text-anchor="middle" transform="rotate(-90 18 {(Top + Height - Bottom) / 2})">{YName}</text>
            </svg>

            """);
        return svg.ToString();
    }

    private static string Number(int decade) => Math.Pow(10, decade).ToString(decade < 0 ? "0.######" : "N0", CultureInfo.InvariantCulture);

    private void Draw(StringBuilder svg, PlotLine line, string color)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{color}\" stroke-width=\"2\" points=\"");
        svg.AppendJoin(' ', line.Points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.X):F1},{Y(p.Y):F1}")));
        svg.Append("\"/>\n");
        foreach (var (x, y) in line.Points)
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<circle cx="{X(x):F1}" cy="{Y(y):F1}" r="3" fill="{color}"/>""").Append('\n');
        }

        // One below the other, beside the plot: lines that end together do not hide each other's names.
        var at = Top + 16 + (20 * Lines.ToList().IndexOf(line));
        svg.Append(CultureInfo.InvariantCulture, $"""<path d="M{Width - Right + 14} {at - 4}h18" stroke="{color}" stroke-width="2"/>""");
        svg.Append(CultureInfo.InvariantCulture, $"""<text x="{Width - Right + 38}" y="{at}">{line.Name}</text>""").Append('\n');
    }

    private double X(double value) => Left + (Share(value, XDecades) * (Width - Left - Right));

    private double Y(double value) => Height - Bottom - (Share(value, YDecades) * (Height - Top - Bottom));

    private static double Share(double value, (int From, int To) decades) => (Math.Log10(value) - decades.From) / (decades.To - decades.From);

    private (int From, int To) Decades(Func<(double X, double Y), double> of)
    {
        var values = Lines.SelectMany(l => l.Points).Select(of).Select(Math.Log10).ToList();
        var (from, to) = ((int)Math.Floor(values.Min() + 1e-9), (int)Math.Ceiling(values.Max() - 1e-9));
        return (from, Math.Max(to, from + 1));
    }
}
