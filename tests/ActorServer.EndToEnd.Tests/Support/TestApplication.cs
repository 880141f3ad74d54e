using System.Net;
using System.Net.Sockets;
using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ActorServer.EndToEnd.Tests;

/// <summary>The application of most tests, and the ways in which they start it.</summary>
internal static class TestApplication
{
    /// <summary>Starts it: <c>/hello</c> answers at once, <c>/held</c> when the test says so or its client has gone.</summary>
    /// <param name="held">What <c>/held</c> waits for.</param>
    /// <param name="map">More endpoints.</param>
    /// <param name="configure">Changes the builder.</param>
    /// <param name="drain">Sets how it drains.</param>
    public static Task<StartedServer> StartAsync(
        Held? held = null,
        Action<WebApplication>? map = null,
        Action<WebApplicationBuilder>? configure = null,
        Action<DrainOptions>? drain = null)
        => StartedServer.StartAsync(
            app =>
            {
                app.MapGet("/hello", () => "hello");
                app.MapGet("/held", async (HttpContext context) =>
                {
                    await (held ?? throw new InvalidOperationException("Nobody holds.")).WaitAsync(context.RequestAborted);
                    return "held";
                });
                map?.Invoke(app);
            },
            configure,
            drain);

    /// <summary>Sets Kestrel's options.</summary>
    public static Action<WebApplicationBuilder> Kestrel(Action<KestrelServerOptions> configure)
        => builder => builder.WebHost.ConfigureKestrel(configure);

    /// <summary>One endpoint of loopback instead of the usual one.</summary>
    public static Action<WebApplicationBuilder> Listen(Action<ListenOptions> configure)
        => Kestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, configure));

    /// <summary>One endpoint, with or without TLS.</summary>
    public static Action<WebApplicationBuilder> Listen(bool tls)
        => Listen(endpoint =>
        {
            if (tls)
            {
                endpoint.UseHttps(Certificates.Localhost);
            }
        });

    /// <summary>One endpoint that speaks HTTP/2 only.</summary>
    public static Action<WebApplicationBuilder> ListenHttp2(bool tls)
        => Listen(endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http2;
            if (tls)
            {
                endpoint.UseHttps(Certificates.Localhost);
            }
        });

    /// <summary>A client that speaks HTTP/2 over one connection.</summary>
    /// <param name="address">The server's.</param>
    /// <param name="whenBegun">Told of each request that has a place on a connection and is not sent yet. May block.</param>
    /// <param name="next">Another server, for when nobody listens at the first any more.</param>
    public static HttpClient Http2(Uri address, Action<HttpRequestMessage>? whenBegun = null, Uri? next = null)
    {
        SocketsHttpHandler handler = new() { EnableMultipleHttp2Connections = false };
        if (next is not null)
        {
            handler.ConnectCallback = async (_, _) => await ConnectAsync(address, next);
        }

#pragma warning disable CA5359 // The tests' certificates are made by the tests.
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        HttpClient client = new(handler)
        {
            BaseAddress = address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (whenBegun is not null)
        {
            // Asked for each header, while the headers are put together: there has to be one.
            client.DefaultRequestHeaders.Add("X-Begun", "yes");
            handler.RequestHeaderEncodingSelector = (_, request) =>
            {
                whenBegun(request);
                return null;
            };
        }

        return client;
    }

    /// <summary>Nobody listens there any more.</summary>
    public static Task AssertRefusesAsync(Uri address)
        => AssertRefusesAsync(new IPEndPoint(IPAddress.Parse(address.Host), address.Port));

    /// <summary>Nobody listens there any more.</summary>
    public static async Task AssertRefusesAsync(IPEndPoint endPoint)
    {
        var exception = await Assert.ThrowsAnyAsync<SocketException>(async () =>
        {
            await using var client = await RawClient.ConnectAsync(endPoint);
        });
        Assert.Equal(SocketError.ConnectionRefused, exception.SocketErrorCode);
    }

    private static async Task<NetworkStream> ConnectAsync(Uri first, Uri next)
    {
        try
        {
            return await ConnectAsync(first);
        }
        catch (SocketException)
        {
            return await ConnectAsync(next);
        }
    }

    private static async Task<NetworkStream> ConnectAsync(Uri address)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address.Host, address.Port);
            return new(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
