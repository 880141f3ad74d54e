using ActorServer.Core;
using ActorServer.Core.Wire;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ActorServer.Cli.Screens;

/// <summary>A drain as it goes on: a picture that moves on a terminal, a line for each phase elsewhere.</summary>
internal sealed class DrainView(Screen screen)
{
    private const int BarWidth = 30;
    private const int BlockersShown = 8;

    private string? _said;

    /// <summary>Runs <paramref name="follow"/>, which says what it hears.</summary>
    public async Task<DrainReport> RunAsync(Func<Action<string, DrainReport>, Task<DrainReport>> follow)
        => screen is { IsJson: false, Surroundings.IsRich: true }
            ? await screen.Console.Live(new Text("")).AutoClear(true).StartAsync(
                live => follow((node, drain) => live.UpdateTarget(Picture(node, drain))))
            : await follow(Line);

    private void Line(string node, DrainReport drain)
    {
        // One line of JSON for each word; for people only what is new.
        if (!screen.SayJson(() => WireCodec.ToJson(drain)) && _said != $"{drain.Id} {drain.Phase}" && drain.EndedAt is null)
        {
            _said = $"{drain.Id} {drain.Phase}";
            screen.Say($"{Plain.Text(node)}: {drain.Phase}, {drain.Remaining} of {Plain.Count(drain.Initial, "connection")} left{Left(drain)}.");
        }
    }

    private Rows Picture(string node, DrainReport drain)
    {
        var gone = Math.Max(0, drain.Initial - drain.Remaining);
        var filled = drain.Initial == 0 ? BarWidth : Math.Min(BarWidth, (int)((long)gone * BarWidth / drain.Initial));
        Paragraph line = new();
        line.Append($"{Plain.Text(node)} {drain.Phase} ", new Style(decoration: Decoration.Bold))
            .Append(new string('━', filled), new Style(Color.Green))
            .Append(new string('━', BarWidth - filled), new Style(Color.Grey))
            .Append($" {drain.Remaining} of {drain.Initial} left{Left(drain)}");
        List<IRenderable> rows = [line];
        if (drain.Blockers.Count > 0)
        {
            rows.Add(Tables.Blockers(drain, screen.Now, rich: true, BlockersShown));
        }

        return new Rows(rows);
    }

    private string Left(DrainReport drain) => drain switch
    {
        { EndedAt: not null } => "",
        { Deadline: null } => ", no deadline",
        { Deadline: { } deadline } => $", {Plain.Time(deadline - screen.Now)} to its deadline",
    };
}
