using System.Buffers;
using System.Net;
using ActorServer.Core;
using BenchmarkDotNet.Attributes;

namespace ActorServer.Benchmarks;

/// <summary>A line of the access log.</summary>
public class AccessLineBenchmarks
{
    private readonly ArrayBufferWriter<byte> _output = new(1 << 12);
    private readonly AccessFormatter _json = new(new() { Format = AccessFormat.Json });
    private readonly AccessFormatter _combined = new(new() { Format = AccessFormat.Combined });
    private readonly AccessFormatter _w3c = new(new() { Format = AccessFormat.W3C });

    private AccessEntry _entry = new()
    {
        Time = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
        Remote = IPAddress.Loopback,
        Method = "GET",
        Target = "/orders/42?sort=date",
        Protocol = "HTTP/1.1",
        Host = "shop.example",
        Status = 200,
        ResponseBytes = 1234,
        Elapsed = TimeSpan.FromMilliseconds(5),
        UserAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0",
        RequestId = "0HN7A8B9C0D1E:00000001",
        ConnectionId = "node-1-0HN7A8B9C0D1E",
    };

    [Benchmark(Description = "a line of the access log, JSON")]
    public int Json() => Write(_json);

    [Benchmark(Description = "a line of the access log, Combined")]
    public int Combined() => Write(_combined);

    [Benchmark(Description = "a line of the access log, W3C")]
    public int W3C() => Write(_w3c);

    private int Write(AccessFormatter formatter)
    {
        _output.ResetWrittenCount();
        formatter.Write(in _entry, _output);
        return _output.WrittenCount;
    }
}
