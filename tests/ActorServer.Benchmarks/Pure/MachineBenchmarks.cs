using ActorServer.Core;
using BenchmarkDotNet.Attributes;

namespace ActorServer.Benchmarks;

/// <summary>The state machines.</summary>
#pragma warning disable CA1822 // What is measured is an instance's.
public class MachineBenchmarks
{
    [Benchmark]
    public Connection A_request_in_a_connection_s_machine()
        => Connection.Accepted.On(ConnectionSignal.RequestStarted).Next.On(ConnectionSignal.RequestEnded).Next;

    [Benchmark]
    public int A_request_from_the_wire_s_word_to_its_signals()
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

    [Benchmark]
    public Node A_drain_in_a_node_s_machine()
        => default(Node).On(NodeSignal.Drain).Next.On(NodeSignal.LameDuckElapsed).Next
            .On(NodeSignal.PortsClosed).Next.On(NodeSignal.Quiescent).Next;
}
