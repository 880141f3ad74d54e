using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorServer.EndToEnd.Tests.Admin;

public sealed class AdminStopSpecs
{
    [Theory]
    [InlineData("")]
    [InlineData("GET /api/status HTTP/1.1\r\nHost: loc")]
    [InlineData("POST /api/drain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")]
    public async Task A_client_that_never_finishes_its_request_does_not_hold_the_host_up(string start)
    {
        await using var site = await AdminSite.StartAsync(configure: builder =>
            builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = Timeout.InfiniteTimeSpan));
        await using var hostile = await RawClient.ConnectAsync(site.Address);
        await hostile.GetAsync("/livez");
        await hostile.SendAsync(start);

        await site.StopAsync().WaitAsync(AdminSite.WaitMax);

        await site.Transitions.ReachAsync(NodePhase.Drained);
    }

    [Fact]
    public async Task The_admin_side_answers_until_the_node_has_drained_and_then_ends()
    {
        await using var site = await AdminSite.StartAsync();
        var (busy, _) = await site.HoldAsync();
        await using var __ = busy;

        var stopping = site.StopAsync();
        await site.Transitions.ReachAsync(NodePhase.Draining);
        var during = await site.ReadAsync("/api/drain");
        site.Release();
        await busy.ReadResponseAsync();
        await stopping.WaitAsync(AdminSite.WaitMax);

        Assert.Equal(("Host", "Draining"), (during.Text("trigger"), during.Text("phase")));
        Assert.Equal(1, during.Number("remaining"));
        await Assert.ThrowsAsync<HttpRequestException>(() => site.GetAsync("/livez"));
    }
}
