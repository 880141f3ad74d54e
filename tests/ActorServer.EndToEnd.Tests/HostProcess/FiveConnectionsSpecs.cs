using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.HostProcess;

public sealed class FiveConnectionsSpecs
{
    [Fact]
    [Trait("Conformance", "9")]
    [Trait("Conformance", "44")]
    [Trait("Conformance", "100")]
    [Trait("Conformance", "103")]
    public async Task Five_clients_are_seen_as_what_they_are_and_gone_when_they_go()
    {
        // HTTP/2 without TLS needs a port of its own; another address of loopback tells the two apart.
        await using var host = await RunningHost.StartAsync(
            "--Kestrel:Endpoints:Http:Url=http://127.0.0.1:0",
            "--Kestrel:Endpoints:H2c:Url=http://127.0.0.2:0", "--Kestrel:Endpoints:H2c:Protocols=Http2");
        var http = host.On("127.0.0.1");
        await using var silent = await RawClient.ConnectAsync(http);
        await using var idle = await RawClient.ConnectAsync(http);
        Assert.Equal("hello", (await idle.GetAsync("/hello")).Body);
        await using var slow = await RawClient.ConnectAsync(http);
        await slow.SendGetAsync("/slow?ms=3600000");
        using ClientWebSocket webSocket = new();
        await webSocket.ConnectAsync(new UriBuilder(http) { Scheme = "ws", Path = "/ws" }.Uri, CancellationToken.None);
        using TwoStreams http2 = new(host.On("127.0.0.2"));
        await http2.OpenFirstAsync(host);
        await http2.OpenSecondAsync(host);

        var status = await host.UntilAsync("/api/status", s => Counts(s) is [1, 2, 1, 1, 5]);
        var items = (await host.ReadAsync("/api/connections")).GetProperty("items").EnumerateArray().ToList();

        Assert.Equal(
            [5, 0, 0, 0, 1],
            status.GetProperty("totals").Numbers("accepted", "closed", "rejected", "aborted", "requests"));
        Assert.Equal(5, items.Count);
        var (silentId, idleId, slowId) = (Id(items, silent), Id(items, idle), Id(items, slow));
        var upgraded = Assert.Single(items, i => i.Text("state") == "Upgraded");
        Assert.Equal(["/ws"], upgraded.GetProperty("currentRequests").Texts("path"));
        var multiplexed = Assert.Single(items, i => i.Text("protocol") == "HTTP/2");
        Assert.Equal(2, multiplexed.Number("inFlight"));
        Assert.Equal(["/slow", "/upload"], multiplexed.GetProperty("currentRequests").Texts("path").Order());

        await silent.DisposeAsync();
        await host.CountAsync("new", 0);
        await idle.DisposeAsync();
        await host.CountAsync("idle", 0);
        await slow.DisposeAsync();
        await host.CountAsync("active", 1);
        await webSocket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None);
        await host.CountAsync("upgraded", 0);
        await http2.CloseFirstAsync(host);
        Assert.Equal("3", await http2.CloseSecondAsync());
        await host.CountAsync("idle", 1);
        http2.Dispose();
        var after = await host.UntilAsync("/api/status", s => Counts(s) is [0, 0, 0, 0, 0]);

        Assert.Equal([5, 5], after.GetProperty("totals").Numbers("accepted", "closed"));
        Assert.Empty((await host.ReadAsync("/api/connections")).GetProperty("items").EnumerateArray());
        await AssertEndAsync(host, silentId, "ClientClosed", "New", "Closed");
        await AssertEndAsync(host, idleId, "ClientClosed", "New", "Active", "Idle", "Closed");
        await AssertEndAsync(host, slowId, "ClientClosed", "New", "Active", "Closed");
        await AssertEndAsync(host, upgraded.Text("id")!, "UpgradeEnded", "New", "Active", "Upgraded", "Closed");
        await AssertEndAsync(host, multiplexed.Text("id")!, "ClientClosed", "New", "Active", "Idle", "Closed");
    }

    private static List<long> Counts(JsonElement status)
        => [.. status.GetProperty("connections").Numbers("new", "active", "idle", "upgraded", "total")];

    private static string Id(IEnumerable<JsonElement> items, RawClient client)
        => items.Single(i => i.Text("peer") == client.LocalEnd).Text("id")!;

    private static async Task AssertEndAsync(RunningHost host, string id, string reason, params string[] states)
    {
        var connection = await host.ReadAsync($"/api/connections/{id}");
        Assert.Equal(states, connection.GetProperty("timeline").Texts("state"));
        Assert.Equal((id, "Closed", reason), (id, connection.Text("state"), connection.Text("endReason")));
    }

    /// <summary>One HTTP/2 connection: a request that waits for its answer, and one that is not whole yet.</summary>
    private sealed class TwoStreams(Uri address) : IDisposable
    {
        private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        private readonly CancellationTokenSource _cancel = new();
        private readonly TaskCompletionSource _release = new();
        private Task<HttpResponseMessage> _first = null!;
        private Task<HttpResponseMessage> _second = null!;

        public async Task OpenFirstAsync(RunningHost host)
        {
            _first = _http.GetAsync("/slow?ms=3600000", _cancel.Token);
            await InFlightAsync(host, 1);
        }

        public async Task OpenSecondAsync(RunningHost host)
        {
            _second = _http.PostAsync("/upload", new PendingBody(_release.Task));
            await InFlightAsync(host, 2);
        }

        public async Task CloseFirstAsync(RunningHost host)
        {
            await _cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _first);
            await InFlightAsync(host, 1);
        }

        public async Task<string> CloseSecondAsync()
        {
            _release.SetResult();
            using var response = await _second;
            return await response.Content.ReadAsStringAsync();
        }

        public void Dispose()
        {
            _http.Dispose();
            _cancel.Dispose();
        }

        private static Task<JsonElement> InFlightAsync(RunningHost host, int count) => host.UntilAsync(
            "/api/connections?state=Active",
            page => page.GetProperty("items").EnumerateArray()
                .Any(c => c.Text("protocol") == "HTTP/2" && c.Number("inFlight") == count));
    }

    /// <summary>Three bytes, and the end when it is released.</summary>
    private sealed class PendingBody(Task released) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("abc"u8.ToArray());
            await stream.FlushAsync();
            await released;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
