using System.Net;
using ActorServer.EndToEnd.Tests.AccessLog;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace ActorServer.EndToEnd.Tests;

/// <summary>The application sees what Kestrel offers, as if nobody stood between.</summary>
public sealed class FeatureSpecs
{
    [Theory]
    [InlineData(HttpProtocols.Http1, false, false)]
    [InlineData(HttpProtocols.Http1, true, true)]
    [InlineData(HttpProtocols.Http1, false, true)]
    [InlineData(HttpProtocols.Http2, false, false)]
    [InlineData(HttpProtocols.Http2, true, true)]
    [Trait("Conformance", "116")]
    public async Task Every_feature_of_a_request_and_its_connection_is_there(HttpProtocols protocol, bool tls, bool logged)
    {
        Seen bare = new();
        Seen tracked = new();
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        Listen(protocol, tls, bare)(builder);
        await using var application = builder.Build();
        application.MapGet("/features", bare.See);
        await application.StartAsync();
        await using var server = await StartedServer.StartAsync(
            app => app.MapGet("/features", tracked.See),
            builder =>
            {
                Listen(protocol, tls, tracked)(builder);
                AccessSite.Enable(builder, ("Enabled", logged ? "true" : "false"));
            });

        await AskAsync(new Uri(application.Urls.First()), protocol);
        await AskAsync(server.Address, protocol);

        Assert.NotEmpty(bare.OfRequest);
        Assert.NotEmpty(bare.OfConnection);
        Assert.Equal(bare.OfRequest, tracked.OfRequest);
        Assert.Equal(bare.OfConnection, tracked.OfConnection);
        await application.StopAsync();
    }

    [Fact]
    [Trait("Conformance", "116")]
    public async Task Every_way_of_sending_a_body_works()
    {
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, new string('f', 50_000));
        await using var server = await TestApplication.StartAsync(map: app =>
        {
            app.MapGet("/file", (HttpResponse response) => response.SendFileAsync(path));
            app.MapGet("/pipe", async (HttpResponse response) =>
            {
                for (var i = 0; i < 10; i++)
                {
                    response.BodyWriter.GetSpan(1000)[..1000].Fill((byte)'p');
                    response.BodyWriter.Advance(1000);
                    await response.BodyWriter.FlushAsync();
                }
            });
            app.MapGet("/json", () => Enumerable.Range(0, 1000));
        });
        foreach (var (target, length) in (IEnumerable<(string, int)>)[("/file", 50_000), ("/pipe", 10_000), ("/json", 3891)])
        {
            await using var client = await RawClient.ConnectAsync(server.Address);
            Assert.Equal(length, (await client.GetAsync(target)).Body.Length);
        }

        File.Delete(path);
    }

    [Fact]
    [Trait("Conformance", "116")]
    public async Task Trailers_arrive()
    {
        await using var server = await TestApplication.StartAsync(
            map: app => app.MapGet("/trailers", async (HttpResponse response) =>
            {
                response.DeclareTrailer("X-Sum");
                await response.WriteAsync("body");
                response.AppendTrailer("X-Sum", "42");
            }),
            configure: TestApplication.ListenHttp2(tls: false));
        using var client = TestApplication.Http2(server.Address);

        using var response = await client.GetAsync(new Uri("/trailers", UriKind.Relative));

        Assert.Equal("body", await response.Content.ReadAsStringAsync());
        Assert.Equal("42", Assert.Single(response.TrailingHeaders.GetValues("X-Sum")));
    }

    private static Action<WebApplicationBuilder> Listen(HttpProtocols protocol, bool tls, Seen seen)
        => builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
        {
            endpoint.Protocols = protocol;
            if (tls)
            {
                endpoint.UseHttps(Certificates.Localhost);
            }

            endpoint.Use(next => connection =>
            {
                seen.OfConnection = Seen.Names(connection.Features);
                return next(connection);
            });
        }));

    private static async Task AskAsync(Uri address, HttpProtocols protocol)
    {
        using var client = TestApplication.Http2(address);
        client.DefaultRequestVersion = protocol == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11;
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("/features", UriKind.Relative))).StatusCode);
    }

    private sealed class Seen
    {
        public IReadOnlyList<string> OfRequest { get; private set; } = [];

        public IReadOnlyList<string> OfConnection { get; set; } = [];

        public static IReadOnlyList<string> Names(IFeatureCollection features)
            => [.. features.Where(f => f.Key.Namespace != "ActorServer.Kestrel")
                .Select(f => $"{f.Key.FullName} is {f.Value.GetType().FullName}").Order(StringComparer.Ordinal)];

        public void See(HttpContext context) => OfRequest = Names(context.Features);
    }
}
