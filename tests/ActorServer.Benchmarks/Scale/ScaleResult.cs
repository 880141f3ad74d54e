using System.Globalization;

namespace ActorServer.Benchmarks;

/// <summary>What was measured at one number of connections; times in milliseconds.</summary>
internal sealed record ScaleResult(int Connections)
{
    /// <summary>Bytes retained for a connection by a bare Kestrel, both ends of it and the transport included.</summary>
    public double BareBytes { get; init; }

    /// <summary>The same with ActorServer.</summary>
    public double Bytes { get; init; }

    /// <summary>Connections a second, from the first connect until the actor of each has published its first state.</summary>
    public double SpawnRate { get; init; }

    /// <summary>One page of the list, the median over the whole list.</summary>
    public double Page { get; init; }

    /// <summary>One status while nothing happens, the median.</summary>
    public double StatusIdle { get; init; }

    /// <summary>One status under transitions, the median.</summary>
    public double Status { get; init; }

    /// <summary>One status under transitions, the worst.</summary>
    public double StatusMax { get; init; }

    /// <summary>The transitions a second that there were meanwhile.</summary>
    public double Transitions { get; init; }

    /// <summary>From the request to drain until the report.</summary>
    public double Drain { get; init; }

    /// <summary>Of that, when the garbage collector let nobody run.</summary>
    public double Paused { get; init; }

    /// <summary>From the last connection's end to the drain's.</summary>
    public double Tail { get; init; }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Connections:N0} connections: {SpawnRate:N0} spawned a second, {Bytes:N0} B each (bare {BareBytes:N0} B), page {Page:F2} ms, "
        + $"status {StatusIdle:F2} ms, {Status:F2} ms and at worst {StatusMax:F2} ms at {Transitions:N0} transitions a second, "
        + $"drain {Drain:F0} ms, of it {Paused:F0} ms for garbage, last close to Drained {Tail:F2} ms");
}
