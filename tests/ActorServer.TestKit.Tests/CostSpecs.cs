using ActorServer.Benchmarks;

namespace ActorServer.TestKit.Tests;

/// <summary>Measurements that are of the whole process: nothing else runs in it meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class WholeProcess
{
    public const string Name = "The whole process";
}

/// <summary>What ActorServer may cost, in a small size: bytes, and time so far out that no busy computer explains it.</summary>
[Collection(WholeProcess.Name)]
public sealed class CostSpecs
{
    private const int WarmRounds = 5;
    private const int Rounds = 11;
    private const double RatioMax = 1.5;
    private const double LoggedBytesMax = 300;

    // The smallest object is 24 bytes. What is less comes from elsewhere: a timer, now and then.
    private const double Nothing = 1;

    // Measured, and a little more: not optimized, as tests are, 2,380. It says that something was added to every connection.
    private const double IdleBytesMax = 2_450;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tracked_request_allocates_nothing_and_a_logged_one_little(bool http2)
    {
        var requests = await RequestCost.MeasureAsync(http2, connections: 8, Rounds, WarmRounds);

        var (bare, tracked, logged) = (requests[0], requests[1], requests[2]);
        Assert.InRange(tracked.Bytes - bare.Bytes, -Nothing, Nothing);
        Assert.InRange(logged.Bytes - bare.Bytes, 0, LoggedBytesMax);
        Assert.InRange(tracked.Ratio, 0, RatioMax);
        Assert.InRange(logged.Ratio, 0, RatioMax);
    }

    [Fact]
    public async Task An_idle_connection_retains_no_more_than_it_did()
    {
        var (_, _, more) = await MemoryCost.MeasureAsync(count: 2_000, pairs: 3);

        Assert.InRange(more, 0, IdleBytesMax);
    }
}
