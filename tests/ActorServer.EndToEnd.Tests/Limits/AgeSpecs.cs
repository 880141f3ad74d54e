using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using static ActorServer.Core.ConnectionState;

namespace ActorServer.EndToEnd.Tests.Limits;

/// <summary>Connections that grow old, over real sockets.</summary>
public sealed class AgeSpecs
{
    private static readonly Duration Age = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Conformance", "92")]
    public async Task The_answer_of_an_old_connection_says_that_it_ends_and_it_ends(bool tls)
    {
        // Nobody is closed idle meanwhile: it is the answer that ends it.
        await using var server = await StartAsync(TestApplication.Listen(tls), lameDuck: TimeSpan.FromMinutes(1));
        await using var client = await RawClient.ConnectAsync(server.Address);

        var answered = 0;
        RawResponse response;
        do
        {
            response = await client.GetAsync("/hello");
            Assert.Equal("hello", response.Body);
            answered++;
        }
        while (!response.AnnouncesClose);

        Assert.Equal(RawEnd.Closed, await client.ReadEndAsync());
        var id = Assert.Single(await server.Transitions.ReachAsync(Closed));
        var end = await server.ConnectionAsync(id);
        Assert.Equal((EndReason.Completed, (long)answered), (end.EndReason, end.Requests));
        Assert.True(end.Timeline[^1].At - end.AcceptedAt >= 0.9 * Age.Value);
    }

    [Fact]
    [Trait("Conformance", "92")]
    public async Task One_that_brings_no_request_is_closed_a_lame_duck_later()
    {
        var lameDuck = TimeSpan.FromMilliseconds(300);
        await using var server = await StartAsync(_ => { }, lameDuck);
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.GetAsync("/hello");

        Assert.Equal(RawEnd.Closed, await client.ReadEndAsync());

        var end = await server.ConnectionAsync(Assert.Single(await server.Transitions.ReachAsync(Closed)));
        Assert.Equal(EndReason.Closed, end.EndReason);
        Assert.True(end.Timeline[^1].At - end.AcceptedAt >= (0.9 * Age.Value) + lameDuck);
    }

    [Fact]
    [Trait("Conformance", "92")]
    public async Task Over_HTTP2_it_is_GOAWAY_and_every_request_is_answered()
    {
        await using var server = await StartAsync(TestApplication.ListenHttp2(tls: false), lameDuck: TimeSpan.FromMinutes(1));
        using var client = TestApplication.Http2(server.Address);

        do
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => client.GetStringAsync("/hello"))).WaitAsync(WaitMax);
            Assert.All(answers, a => Assert.Equal("hello", a));
        }
        while ((await server.Server.StatusAsync()).Totals.Accepted < 3);
    }

    [Fact]
    [Trait("Conformance", "92")]
    public async Task What_goes_on_after_the_grace_is_cut_so_that_its_client_can_tell()
    {
        Held held = new();
        await using var server = await TestApplication.StartAsync(
            held, configure: LimitSetup.Limit(l => (l.MaxConnectionAge, l.MaxConnectionAgeGrace) = (Age, Duration.Zero)));
        await using var client = await RawClient.ConnectAsync(server.Address);
        await client.SendGetAsync("/held");
        await held.EnteredAsync();

        Assert.Equal(RawEnd.Reset, await client.ReadEndAsync());

        var end = await server.ConnectionAsync(Assert.Single(await server.Transitions.ReachAsync(Closed)));
        Assert.Equal(EndReason.AgeAborted, end.EndReason);
    }

    private static Task<StartedServer> StartAsync(Action<WebApplicationBuilder> configure, TimeSpan lameDuck)
        => TestApplication.StartAsync(
            configure: configure + LimitSetup.Limit(l => l.MaxConnectionAge = Age),
            drain: d => d.LameDuck = lameDuck);
}
