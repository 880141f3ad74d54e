using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ActorServer.EndToEnd.Tests.Limits;

/// <summary>Limits that end connections under clients of HTTP/2 that never rest: no request is lost.</summary>
public sealed class Http2LoadSpecs
{
    private const int Clients = 8;
    private const int StreamsPerClient = 4;
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_request_is_lost_to_a_limit_of_requests(bool tls)
    {
        await using var server = await StartAsync(tls, l => l.MaxRequestsPerConnection = 50);

        var failures = await AskAsync(server, totals => totals.Requests >= 3000);

        Assert.Empty(failures);
        Assert.Equal(0, (await server.Server.StatusAsync()).Totals.Aborted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Conformance", "92")]
    public async Task No_request_is_lost_to_an_age(bool tls)
    {
        await using var server = await StartAsync(tls, l => l.MaxConnectionAge = TimeSpan.FromSeconds(1));

        // Everybody has come back twice.
        var failures = await AskAsync(server, totals => totals.Accepted >= 3 * Clients);

        Assert.Empty(failures);
        Assert.Equal(0, (await server.Server.StatusAsync()).Totals.Aborted);
    }

    private static async Task<IReadOnlyList<Exception>> AskAsync(StartedServer server, Func<NodeTotals, bool> isEnough)
    {
        var clients = Enumerable.Range(0, Clients).Select(_ => TestApplication.Http2(server.Address)).ToList();
        try
        {
            return [.. (await Task.WhenAll(clients.SelectMany(c => Enumerable.Repeat(c, StreamsPerClient)).Select(async client =>
            {
                List<Exception> failures = [];
                while (failures.Count == 0 && !isEnough((await server.Server.StatusAsync()).Totals))
                {
                    try
                    {
                        using StringContent body = new("hello");
                        using var answer = await client.PostAsync(new Uri("/echo", UriKind.Relative), body);
                        Assert.Equal("hello", await answer.Content.ReadAsStringAsync());
                    }
                    catch (HttpRequestException exception)
                    {
                        failures.Add(exception);
                    }
                }

                return failures;
            })).WaitAsync(WaitMax)).SelectMany(f => f)];
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }
    }

    private static Task<StartedServer> StartAsync(bool tls, Action<LimitOptions> limit)
        => TestApplication.StartAsync(
            map: static app => app.MapPost("/echo", static async (HttpRequest request) =>
                await new StreamReader(request.Body).ReadToEndAsync()),
            configure: TestApplication.ListenHttp2(tls) + LimitSetup.Limit(limit),
            // A connection has time to ask.
            drain: static d => (d.LameDuck, d.SilentGrace) = (TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(5)));
}
