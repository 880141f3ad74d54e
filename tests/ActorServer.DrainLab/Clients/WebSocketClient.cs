using System.Net;
using System.Net.Security;
using System.Net.WebSockets;

namespace ActorServer.DrainLab;

/// <summary>
/// Says something, hears its echo, thinks. When the server says goodbye it answers, and comes again. A WebSocket that ends in any
/// other way is a loss.
/// </summary>
/// <param name="load">What it knows.</param>
/// <param name="version">HTTP/1.1, or HTTP/2 over TLS.</param>
internal sealed class WebSocketClient(Load load, Version version)
{
    private static readonly TimeSpan Think = TimeSpan.FromMilliseconds(40);

    public async Task RunAsync()
    {
        try
        {
            while (await TryTalkAsync())
            {
                await load.ThinkAsync(Think);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    /// <summary>One WebSocket's life.</summary>
    /// <returns>Whether there may be another.</returns>
    private async Task<bool> TryTalkAsync()
    {
        using ClientWebSocket socket = new();
        socket.Options.HttpVersion = version;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using HttpMessageInvoker invoker = new(new SocketsHttpHandler { SslOptions = Tls.Options(Protocol), UseProxy = false });
        try
        {
            await socket.ConnectAsync(Address, invoker, load.GivenUp);
        }
        catch (WebSocketException exception) when (exception.InnerException.IsRefusal())
        {
            load.CountRefusal();
            return false;
        }
        catch (WebSocketException exception)
        {
            load.Tally.CountLoss($"a WebSocket not opened: {exception.InnerException?.Message ?? exception.Message}");
            return true;
        }

        await TalkAsync(socket);
        return true;
    }

    private SslApplicationProtocol Protocol => IsTwo ? SslApplicationProtocol.Http2 : SslApplicationProtocol.Http11;

    private bool IsTwo => version == HttpVersion.Version20;

    private Uri Address => IsTwo ? new($"wss://{load.Site.Secure}/ws") : new($"ws://{load.Site.Plain}/ws");

    private async Task TalkAsync(ClientWebSocket socket)
    {
        var buffer = new byte[256];
        try
        {
            while (true)
            {
                await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, load.GivenUp);
                var received = await socket.ReceiveAsync(buffer, load.GivenUp);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, load.GivenUp);
                    CountEnd(socket.CloseStatus);
                    return;
                }

                load.Tally.CountAnswer(this);
                await load.ThinkAsync(Think);
            }
        }
        catch (WebSocketException exception)
        {
            load.Tally.CountLoss($"a WebSocket cut: {exception.Message}");
        }
        catch (OperationCanceledException)
        {
            load.Tally.CountLoss("a WebSocket never ended");
            throw;
        }
    }

    private void CountEnd(WebSocketCloseStatus? status)
    {
        if (status == WebSocketCloseStatus.EndpointUnavailable)
        {
            load.Tally.CountGoodbye();
        }
        else
        {
            load.Tally.CountLoss($"a WebSocket closed with {status}");
        }
    }
}
