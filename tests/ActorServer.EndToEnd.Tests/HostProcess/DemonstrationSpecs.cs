using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using ActorServer.EndToEnd.Tests.Admin;
using ActorServer.TestKit;

namespace ActorServer.EndToEnd.Tests.HostProcess;

public sealed class DemonstrationSpecs(SharedHost shared) : IClassFixture<SharedHost>
{
    [Theory]
    [InlineData("/hello", "hello")]
    [InlineData("/plaintext", "Hello, World!")]
    [InlineData("/json", """{"message":"Hello, World!"}""")]
    [InlineData("/slow?ms=0", "slept 0 ms\n")]
    [InlineData("/slow?ms=25", "slept 25 ms\n")]
    [InlineData("/stream?chunks=3&delayMs=0", "chunk 1 of 3\nchunk 2 of 3\nchunk 3 of 3\n")]
    [InlineData("/stream?chunks=0", "")]
    [InlineData("/file?bytes=0", "")]
    [InlineData("/readyz", "Healthy")]
    public async Task An_endpoint_answers_as_described(string path, string body)
    {
        await using var client = await shared.Host.ConnectAsync();

        var response = await client.GetAsync(path);

        Assert.Equal((200, body, false), (response.Status, response.Body, response.AnnouncesClose));
    }

    [Fact]
    public async Task The_first_page_names_the_others()
    {
        await using var client = await shared.Host.ConnectAsync();

        var page = await client.GetAsync("/");

        Assert.Equal(200, page.Status);
        string[] others =
        [
            "/hello", "/plaintext", "/json", "/headers", "/slow", "/stream", "/sse", "/ws", "/file", "/panic",
            "/upload",
        ];
        Assert.All(others, path => Assert.Contains(path, page.Body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Headers_come_back()
    {
        await using var client = await shared.Host.ConnectAsync();

        var response = await client.GetAsync("/headers", "X-One: 1\r\nX-Many: a\r\nX-Many: b\r\n");

        var headers = JsonElement.Parse(response.Body);
        Assert.Equal(("localhost", "1", "a,b"), (headers.Text("Host"), headers.Text("X-One"), headers.Text("X-Many")));
    }

    [Theory]
    [InlineData("Content-Length: 6\r\n\r\nabcdef", "6")]
    [InlineData("Content-Length: 0\r\n\r\n", "0")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "5")]
    public async Task An_upload_is_counted(string rest, string count)
    {
        await using var client = await shared.Host.ConnectAsync();

        await client.SendAsync("POST /upload HTTP/1.1\r\nHost: localhost\r\n" + rest);
        var response = await client.ReadResponseAsync();

        Assert.Equal((200, count), (response.Status, response.Body));
    }

    [Fact]
    public async Task Large_uploads_and_files_are_whole()
    {
        const int length = 5_000_000;
        using HttpClient http = new() { BaseAddress = shared.Host.Application };

        using var upload = await http.PostAsync("/upload", new ByteArrayContent(new byte[length]));
        using var file = await http.GetAsync($"/file?bytes={length}");

        Assert.Equal("5000000", await upload.Content.ReadAsStringAsync());
        Assert.Equal("application/octet-stream", file.Content.Headers.ContentType?.MediaType);
        Assert.Equal(length, (await file.Content.ReadAsByteArrayAsync()).Length);
    }

    [Fact]
    public async Task Events_come_one_after_the_other()
    {
        await using var client = await shared.Host.ConnectAsync();

        await client.SendGetAsync("/sse");
        var head = await client.ReadUntilAsync("\r\n\r\n");

        Assert.Contains("Content-Type: text/event-stream\r\n", head, StringComparison.Ordinal);
        Assert.Contains("id: 1\ndata: ", await client.ReadUntilAsync("\n\n"), StringComparison.Ordinal);
        Assert.Contains("id: 2\ndata: ", await client.ReadUntilAsync("\n\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_WebSocket_gets_back_what_it_sends()
    {
        using ClientWebSocket socket = new();
        await socket.ConnectAsync(WebSocketAddress(shared.Host), CancellationToken.None);
        var large = new byte[10_000];
        Random.Shared.NextBytes(large);

        await socket.SendAsync("hi"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        await socket.SendAsync(large, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        var text = await ReadMessageAsync(socket);
        var binary = await ReadMessageAsync(socket);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None);

        Assert.Equal((WebSocketMessageType.Text, WebSocketMessageType.Binary), (text.Type, binary.Type));
        Assert.Equal("hi", Encoding.UTF8.GetString(text.Message));
        Assert.Equal(large, binary.Message);
        Assert.Equal((WebSocketCloseStatus.NormalClosure, "bye"), (socket.CloseStatus, socket.CloseStatusDescription));
    }

    [Fact]
    public async Task Clients_that_vanish_are_no_errors_of_the_server()
    {
        await using var host = await RunningHost.StartAsync([.. RunningHost.AnyPort, .. RunningHost.Swift]);
        foreach (var path in (string[])["/slow?ms=3600000", "/stream?delayMs=3600000", "/sse"])
        {
            await using var client = await host.ConnectAsync();
            await client.SendGetAsync(path);
            await host.CountAsync("active", 1);
            client.Reset();
            await host.CountAsync("active", 0);
        }

        using (ClientWebSocket socket = new())
        {
            await socket.ConnectAsync(WebSocketAddress(host), CancellationToken.None);
            await host.CountAsync("upgraded", 1);
            socket.Abort();
        }

        await host.CountAsync("upgraded", 0);
        await host.SignalAsync("TERM");
        Assert.Equal(0, await host.ExitAsync());
        Assert.DoesNotContain(host.Output.Lines, l => l.StartsWith("fail:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/slow?ms=-1", 400)]
    [InlineData("/slow?ms=3600001", 400)]
    [InlineData("/slow?ms=99999999999", 400)]
    [InlineData("/slow?ms=soon", 400)]
    [InlineData("/slow?ms=", 400)]
    [InlineData("/stream?chunks=-1", 400)]
    [InlineData("/stream?chunks=1000001", 400)]
    [InlineData("/stream?chunks=many", 400)]
    [InlineData("/stream?delayMs=-1", 400)]
    [InlineData("/stream?delayMs=3600001", 400)]
    [InlineData("/stream?delayMs=x", 400)]
    [InlineData("/file?bytes=-1", 400)]
    [InlineData("/file?bytes=1073741825", 400)]
    [InlineData("/file?bytes=9999999999", 400)]
    [InlineData("/file?bytes=all", 400)]
    [InlineData("/nowhere", 404)]
    [InlineData("/upload", 405)]
    [InlineData("/ws", 426)]
    [InlineData("/panic", 500)]
    public async Task What_cannot_be_answered_is_refused_and_the_connection_goes_on(string path, int status)
    {
        await using var client = await shared.Host.ConnectAsync();

        var refused = await client.GetAsync(path);
        var next = await client.GetAsync("/hello");

        Assert.Equal(status, refused.Status);
        Assert.DoesNotContain("   at ", refused.Body, StringComparison.Ordinal);
        Assert.Equal((200, "hello"), (next.Status, next.Body));
    }

    [Fact]
    public async Task What_fails_after_it_has_begun_is_cut_so_that_its_client_can_tell()
    {
        await using var client = await shared.Host.ConnectAsync();

        await client.SendGetAsync("/panic-late");
        await client.ReadUntilAsync("so far, so good\n\r\n");

        // However it ends: the last chunk is missing.
        var rest = "";
        try
        {
            rest = await client.ReadToEndAsync();
        }
        catch (IOException)
        {
            // A reset tells as well.
        }

        Assert.Empty(rest);
    }

    private static Uri WebSocketAddress(RunningHost host)
        => new UriBuilder(host.Application) { Scheme = "ws", Path = "/ws" }.Uri;

    private static async Task<(WebSocketMessageType Type, byte[] Message)> ReadMessageAsync(WebSocket socket)
    {
        using CancellationTokenSource patience = new(RunningHost.WaitMax);
        List<byte> message = [];
        var buffer = new byte[1024];
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer, patience.Token);
            message.AddRange(buffer.AsSpan(0, read.Count));
            if (read.EndOfMessage)
            {
                return (read.MessageType, [.. message]);
            }
        }
    }
}
