using System.Net;
using ActorServer.Actors;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorServer.EndToEnd.Tests.Admin;

public sealed class AdminLogSpecs
{
    [Theory]
    [InlineData(null, "anybody")]
    [InlineData(AdminSite.Token, "the token's bearer")]
    public async Task Every_change_is_logged_with_who_and_from_where_and_why(string? token, string who)
    {
        LogLines log = new();
        await using var site = await StartAsync(log, token);

        using var answer = await site.SendAsync(
            HttpMethod.Post, "/api/drain", """{"reason":"release 12","lameDuck":"1h"}""", token);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var change = Assert.Single(log.Own, l => l.Contains("/api/drain", StringComparison.Ordinal));
        Assert.StartsWith($"POST /api/drain by {who} from 127.0.0.1:", change, StringComparison.Ordinal);
        Assert.Contains(log.Own, l => l.Contains("(release 12)", StringComparison.Ordinal));
        Assert.DoesNotContain(log.From(LogLevel.Trace), l => l.Contains(AdminSite.Token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reading_is_not_logged_and_nobody_writes_lines_of_his_own()
    {
        LogLines log = new();
        await using var site = await StartAsync(log);

        await site.ReadAsync("/api/status");
        using var forged = await site.PostAsync("/api/connections/x%0d%0aPOST%20by%20root/close");

        Assert.Equal(HttpStatusCode.NotFound, forged.StatusCode);
        var change = Assert.Single(log.Own, l => l.StartsWith("POST ", StringComparison.Ordinal));
        Assert.DoesNotContain('\n', change);
        Assert.DoesNotContain(log.Own, l => l.Contains("/api/status", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_client_does_wrong_is_no_error_of_the_server()
    {
        LogLines log = new();
        await using var site = await StartAsync(log, hook: new Refusal());
        await using var client = await RawClient.ConnectAsync(site.Address);

        await client.SendAsync("POST /api/drain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n");
        var tooLarge = await client.ReadResponseAsync();
        using var refused = await site.PostAsync("/api/drain");
        using var unknown = await site.GetAsync("/nowhere");

        Assert.Equal((413, 409, 404), (tooLarge.Status, (int)refused.StatusCode, (int)unknown.StatusCode));
        Assert.Empty(log.From(LogLevel.Warning));
    }

    [Fact]
    [Trait("Conformance", "71")]
    public async Task A_host_that_is_stopped_twice_has_nothing_to_say_the_second_time()
    {
        LogLines log = new();
        await using var site = await StartAsync(log);

        await site.StopAsync();
        await site.StopAsync();

        Assert.Empty(log.From(LogLevel.Warning));
        Assert.Single(log.Own, l => l.StartsWith("Drain 1 accepted from Host", StringComparison.Ordinal));
    }

    private static Task<AdminSite> StartAsync(LogLines log, string? token = null, IDrainHook? hook = null)
        => AdminSite.StartAsync(
            options => options.Token = token,
            configure: builder =>
            {
                builder.Logging.AddProvider(log);
                if (hook is not null)
                {
                    builder.Services.AddSingleton(hook);
                }
            });

    private sealed class Refusal : IDrainHook
    {
        public Task<string?> OnDrainRequestedAsync(DrainRequest request, CancellationToken cancellationToken)
            => Task.FromResult<string?>("not now");
    }
}
