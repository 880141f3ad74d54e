using ActorServer.Core;
using BenchmarkDotNet.Attributes;

namespace ActorServer.Benchmarks;

/// <summary>The state machines.</summary>
#pragma warning disable CA1822 // What is measured is an instance's.
public class MachineBenchmarks
{
    [Benchmark(Description = "a request, in its connection's machine")]
    public Connection Request()
        => Connection.Accepted.On(ConnectionSignal.RequestStarted).Next.On(ConnectionSignal.RequestEnded).Next;

    [Benchmark(Description = "a request, from the word of the wire to its signals")]
    public int Signals()
    {
        Activity seen = default;
        var signals = 0;
        for (var activity = seen.Started(); activity.TryNext(ref seen, out _);)
        {
            signals++;
        }

        for (var activity = seen.Ended(keepAlive: true); activity.TryNext(ref seen, out _);)
        {
            signals++;
        }

        return signals;
    }

    [Benchmark(Description = "a drain, in its node's machine")]
    public Node Drain()
        => default(Node).On(NodeSignal.Drain).Next.On(NodeSignal.LameDuckElapsed).Next
            .On(NodeSignal.PortsClosed).Next.On(NodeSignal.Quiescent).Next;
}
