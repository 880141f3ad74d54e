using System.Text.Json;
using ActorServer.Core;
using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.EndToEnd.Tests.Goodbyes;

namespace ActorServer.EndToEnd.Tests.Browser;

/// <summary>What a page in a real browser sees of a drain.</summary>
public sealed class PageSpecs
{
    private const string SocketScript = """
        let at = 0;
        function connect() {
            const socket = new WebSocket(new URL("/ws", nodes[at]).href.replace("http", "ws"));
            let count = 0;
            socket.onopen = () => socket.send(`node ${at}, message ${++count}`);
            socket.onmessage = message => {
                say({ what: "message", text: message.data });
                if (count < 3) socket.send(`node ${at}, message ${++count}`);
            };
            socket.onclose = close => {
                say({ what: "close", code: close.code, wasClean: close.wasClean, reason: close.reason });
                if (close.code === 1001) {
                    at = 1 - at;
                    connect();
                }
            };
        }
        connect();
        """;

    private const string EventsScript = """
        const source = new EventSource("/events");
        source.onmessage = message => say({ what: "message", text: message.data });
        source.onerror = () => say({ what: "error", willRetry: source.readyState === EventSource.CONNECTING });
        """;

    private const string EventsElsewhereScript = """
        let at = 0;
        function connect() {
            const source = new EventSource(new URL("/events", nodes[at]));
            source.onmessage = message => say({ what: "message", text: `node ${at}` });
            source.onerror = () => {
                source.close();
                at = 1 - at;
                connect();
            };
        }
        connect();
        """;

    [BrowserFact]
    [Trait("Conformance", "45")]
    public async Task A_WebSocket_of_a_page_closes_clean_with_1001_and_the_page_goes_to_the_other_node_and_back()
    {
        await using var site = await PageSite.ShowAsync(SocketScript);
        await HearMessagesAsync(site, "node 0");

        // Without a deadline: whatever the browser keeps open must go by itself.
        var report = await site.First.Server.DrainAsync(SocketApplication.Waiting).WaitAsync(SocketApplication.WaitMax);
        await HearGoodbyeAsync(site);
        await HearMessagesAsync(site, "node 1");

        Assert.Equal((DrainPhase.Drained, 0, 0), (report.Phase, report.Aborted, report.Stragglers));
        await site.First.Server.ResumeAsync();
        await site.Second.Server.BeginDrainAsync(SocketApplication.Announcing);
        await HearGoodbyeAsync(site);
        await HearMessagesAsync(site, "node 0");
    }

    [BrowserFact]
    [Trait("Conformance", "30")]
    public async Task An_EventSource_that_is_ended_on_the_drain_token_comes_back_by_itself_with_its_last_id()
    {
        await using var site = await PageSite.ShowAsync(EventsScript);
        Assert.Equal("none", (await site.HearAsync()).Text("text"));

        var report = await site.First.Server.DrainAsync(SocketApplication.Waiting).WaitAsync(SocketApplication.WaitMax);
        var error = await site.HearAsync();
        await site.First.Server.ResumeAsync();

        Assert.Equal((DrainPhase.Drained, 0, 0), (report.Phase, report.Aborted, report.Stragglers));
        // It has tried in vain, and said so, as often as there was time for.
        while (error.Text("what") == "error")
        {
            Assert.True(error.GetProperty("willRetry").GetBoolean());
            error = await site.HearAsync();
        }

        Assert.Equal("7", error.Text("text"));
    }

    [BrowserFact]
    [Trait("Conformance", "30")]
    public async Task A_page_whose_EventSource_has_ended_finds_the_other_node()
    {
        await using var site = await PageSite.ShowAsync(EventsElsewhereScript);
        Assert.Equal("node 0", (await site.HearAsync()).Text("text"));

        var report = await site.First.Server.DrainAsync(SocketApplication.Waiting).WaitAsync(SocketApplication.WaitMax);

        Assert.Equal("node 1", (await site.HearAsync()).Text("text"));
        Assert.Equal((DrainPhase.Drained, 0, 0), (report.Phase, report.Aborted, report.Stragglers));
    }

    private static async Task HearMessagesAsync(PageSite site, string node)
    {
        for (var i = 1; i <= 3; i++)
        {
            var message = await site.HearAsync();
            Assert.Equal(("message", $"{node}, message {i}"), (message.Text("what"), message.Text("text")));
        }
    }

    private static async Task HearGoodbyeAsync(PageSite site)
    {
        JsonElement close = await site.HearAsync();
        Assert.Equal("close", close.Text("what"));
        Assert.Equal((1001, true), (close.Number("code"), close.GetProperty("wasClean").GetBoolean()));
        Assert.Equal("The server is going away.", close.Text("reason"));
    }
}
