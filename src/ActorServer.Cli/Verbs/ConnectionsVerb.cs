using System.CommandLine;
using System.Globalization;
using ActorServer.Cli.Linking;
using ActorServer.Core;
using ActorServer.Core.Wire;

namespace ActorServer.Cli.Verbs;

/// <summary><c>connections</c>.</summary>
internal static class ConnectionsVerb
{
    public static Command Create(Common common)
    {
        var state = Common.Text("--state", "STATE", $"Only those in this state: {States()}. Closed lists the ends a node remembers.", recursive: false);
        state.CompletionSources.Add(Enum.GetNames<ConnectionState>());
        var peer = Common.Text("--peer", "ADDRESS", "Only those of this address, or address and port.", recursive: false);
        var olderThan = Common.Text("--older-than", "DURATION", "Only those accepted at least this long ago.", recursive: false);
        var limit = Common.Text("--limit", "N", $"How many at most, 1 to {ConnectionQuery.LimitMax}. [default: 100]", recursive: false);
        var cursor = Common.Text("--cursor", "CURSOR", "Go on where an earlier list ended.", recursive: false);
        Command command = new("connections", "List a node's connections, oldest first.") { state, peer, olderThan, limit, cursor };
        command.SetAction(async (parse, cancelled) =>
        {
            ListConnections list = new(
                common.On(parse), ReadState(parse.GetValue(state)), parse.GetValue(peer), Common.ReadDuration(parse, olderThan),
                ReadLimit(parse.GetValue(limit)), parse.GetValue(cursor));
            await using var link = await common.OpenAsync(parse, list, cancelled);
            var (items, next) = await CollectAsync(link, list, cancelled);
            common.Screen(parse).Show(items, next);
            return ExitCode.Done;
        });
        return command;
    }

    // A page whose bytes would be too many is shorter than was asked for.
    private static async Task<(IReadOnlyList<ConnectionSnapshot> Items, string? Next)> CollectAsync(
        NodeLink link, ListConnections list, CancellationToken cancelled)
    {
        List<ConnectionSnapshot> items = [];
        var cursor = list.Cursor;
        do
        {
            var page = await link.AskAsync<ConnectionsAnswer>(list with { Limit = list.Limit - items.Count, Cursor = cursor }, cancelled);
            items.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null && items.Count < list.Limit);

        return (items, cursor);
    }

    private static ConnectionState? ReadState(string? text)
        => text is null ? null
            : text.All(char.IsAsciiLetter) && Enum.TryParse<ConnectionState>(text, ignoreCase: true, out var state) ? state
            : throw new UsageException($"--state cannot be \"{Screens.Plain.Text(text)}\": it is one of {States()}.");

    private static int ReadLimit(string? text)
        => text is null ? 100
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= ConnectionQuery.LimitMax ? limit
            : throw new UsageException($"--limit cannot be \"{Screens.Plain.Text(text)}\": it is 1 to {ConnectionQuery.LimitMax}.");

    private static string States() => string.Join(", ", Enum.GetNames<ConnectionState>());
}
