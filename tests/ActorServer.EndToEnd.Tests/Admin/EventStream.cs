using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;

namespace ActorServer.EndToEnd.Tests.Admin;

/// <summary>A reader of <c>/api/events</c>; it reads when the test does, and its kernel keeps next to nothing for it.</summary>
internal sealed class EventStream : IDisposable
{
    private const int KernelBuffer = 4096;

    private readonly HttpClient _http;
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private EventStream(HttpClient http, HttpResponseMessage response, Stream body)
        => (_http, _response, _reader) = (http, response, new(body));

    /// <summary>Begins to read, once the server is listening to it.</summary>
    /// <param name="site">Whose events.</param>
    /// <param name="lastId">The last id that was seen; null: from now on.</param>
    public static async Task<EventStream> OpenAsync(AdminSite site, string? lastId = null)
    {
        HttpClient http = new(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = static async (context, cancellationToken) =>
            {
                Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = KernelBuffer };
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(site.Address, "/api/events"));
        if (lastId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastId);
        }

        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(AdminSite.WaitMax);
        response.EnsureSuccessStatusCode();
        Assert.Equal(MediaTypeHeaderValue.Parse("text/event-stream"), response.Content.Headers.ContentType);
        return new(http, response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event.</summary>
    public async Task<Event> NextAsync()
    {
        string type = "", id = "", data = "";
        while (true)
        {
            var line = await _reader.ReadLineAsync().WaitAsync(AdminSite.WaitMax)
                ?? throw new EndOfStreamException("The events have ended.");
            if (line.Length == 0 && data.Length > 0)
            {
                return new(type, id, JsonElement.Parse(data));
            }

            // A comment is a sign of life.
            var parts = line.Split(": ", 2);
            (type, id, data) = parts[0] switch
            {
                "event" => (parts[1], id, data),
                "id" => (type, parts[1], data),
                "data" => (type, id, parts[1]),
                _ => (type, id, data),
            };
        }
    }

    /// <summary>Reads up to an event, and with it.</summary>
    public async Task<List<Event>> UntilAsync(Predicate<Event> isIt)
    {
        List<Event> all = [];
        do
        {
            all.Add(await NextAsync());
        }
        while (!isIt(all[^1]));

        return all;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
        _http.Dispose();
    }

    /// <summary>One event.</summary>
    internal sealed record Event(string Type, string Id, JsonElement Data)
    {
        public string Run => Id.Split('-')[0];

        public long Number => long.Parse(Id.Split('-')[1], CultureInfo.InvariantCulture);
    }
}
