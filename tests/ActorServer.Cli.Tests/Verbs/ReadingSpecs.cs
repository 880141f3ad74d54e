using ActorServer.Cli.Tests.Support;
using ActorServer.Core;

namespace ActorServer.Cli.Tests.Verbs;

/// <summary>Verbs that only look.</summary>
public sealed class ReadingSpecs : IAsyncDisposable
{
    private readonly TestNode _node = new();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Status_is_a_table_for_people_and_the_admin_APIs_JSON_for_scripts()
    {
        await _node.AcceptBusyAsync();

        var table = (await _node.RunAsync(ExitCode.Done, "status")).Out;
        var json = (await _node.RunAsync(ExitCode.Done, "status", "--json")).Json;

        Assert.Contains("web-1", table, StringComparison.Ordinal);
        Assert.Contains("1: 0 new, 1 active, 0 idle, 0 upgraded", table, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', table);
        Assert.DoesNotContain('╭', table);
        Assert.Equal("web-1", json.GetProperty("node").GetString());
        Assert.Equal("Serving", json.GetProperty("phase").GetString());
        Assert.Equal(1, json.GetProperty("connections").GetProperty("active").GetInt32());
        Assert.Equal(1, json.GetProperty("connections").GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task The_environment_names_the_node()
        => Assert.Contains(
            "web-1",
            (await Run.ExpectAsync(ExitCode.Done, ["status"], new() { ["ACTORCTL_NODE"] = _node.At })).Out, StringComparison.Ordinal);

    [Theory]
    [InlineData(null, true)]
    [InlineData("1", false)]
    public async Task Borders_are_for_terminals_unless_they_are_not_wanted(string? noColor, bool bordered)
    {
        Dictionary<string, string> environment = noColor is null ? [] : new() { ["NO_COLOR"] = noColor };

        var run = await Run.ExpectAsync(ExitCode.Done, ["--node", _node.At, "status"], environment, isTerminal: true);

        Assert.Equal(bordered, run.Out.Contains('╭', StringComparison.Ordinal) || run.Out.Contains('┌', StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connections_are_filtered_and_listed_page_by_page()
    {
        for (var i = 0; i < 3; i++)
        {
            await _node.AcceptBusyAsync($"/busy-{i}");
        }

        await _node.AcceptAsync();

        var busy = (await _node.RunAsync(ExitCode.Done, "connections", "--state", "active")).Out;
        var first = (await _node.RunAsync(ExitCode.Done, "connections", "--json", "--limit", "3")).Json;
        var cursor = first.GetProperty("next").GetString()!;
        var second = (await _node.RunAsync(ExitCode.Done, "connections", "--json", "--cursor", cursor)).Json;

        Assert.Contains("GET /busy-1", busy, StringComparison.Ordinal);
        Assert.Contains("3 connections", busy, StringComparison.Ordinal);
        Assert.Equal(3, first.GetProperty("items").GetArrayLength());
        Assert.Equal("New", Assert.Single(second.GetProperty("items").EnumerateArray()).GetProperty("state").GetString());
        Assert.Null(second.GetProperty("next").GetString());
    }

    [Fact]
    public async Task More_connections_than_one_message_holds_are_listed_all_the_same()
    {
        for (var i = 0; i < 60; i++)
        {
            var (connection, _) = await _node.AcceptBusyAsync();
            for (var request = 0; request < 20; request++)
            {
                connection.Start("/" + new string('a', 200));
            }
        }

        var json = (await _node.RunAsync(ExitCode.Done, "connections", "--json")).Json;

        Assert.Equal(60, json.GetProperty("items").GetArrayLength());
        Assert.Null(json.GetProperty("next").GetString());
    }

    [Fact]
    public async Task One_connection_is_shown_with_its_timeline_and_after_its_end()
    {
        var (connection, _) = await _node.AcceptBusyAsync("/slow");

        var table = (await _node.RunAsync(ExitCode.Done, "connection", connection.Id)).Out;
        connection.Cell.Closed();
        await _node.ReachAsync(connection, ConnectionState.Closed);
        var json = (await _node.RunAsync(ExitCode.Done, "connection", connection.Id, "--json")).Json;

        Assert.Contains("GET /slow", table, StringComparison.Ordinal);
        Assert.Matches("timeline .* New\n .* Active\n", table);
        Assert.Equal("Closed", json.GetProperty("state").GetString());
        Assert.NotNull(json.GetProperty("endReason").GetString());
    }

    [Fact]
    public async Task A_connection_that_never_was_is_unknown()
        => Assert.Contains(
            "There is no connection web-1-404", (await _node.RunAsync(ExitCode.Refused, "connection", "web-1-404")).Error, StringComparison.Ordinal);

    [Fact]
    public async Task What_a_client_puts_into_a_path_does_not_command_the_terminal()
    {
        await _node.AcceptBusyAsync("/\e[2J\a\u202Ex");

        var list = (await _node.RunAsync(ExitCode.Done, "connections")).Out;

        Assert.Contains("GET /\uFFFD[2J\uFFFD\uFFFDx", list, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', list);
    }

    [Fact]
    public async Task A_connection_of_another_node_is_found_from_any_node()
    {
        await using TestNode other = new("web-2");
        _node.Enter(new FakeCluster(other.Address));
        var (connection, _) = await other.AcceptBusyAsync("/far");

        Assert.Contains("GET /far", (await _node.RunAsync(ExitCode.Done, "connection", connection.Id)).Out, StringComparison.Ordinal);
        Assert.Contains("GET /far", (await _node.RunAsync(ExitCode.Done, "--on", "web-2", "connections")).Out, StringComparison.Ordinal);
        Assert.Equal("web-2", (await _node.RunAsync(ExitCode.Done, "status", "--on", "web-2", "--json")).Json.GetProperty("node").GetString());
    }
}
