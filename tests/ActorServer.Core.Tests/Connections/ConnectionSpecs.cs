using ActorServer.Core;

namespace ActorServer.Core.Tests.Connections;

public sealed class ConnectionSpecs
{
    [Fact]
    [Trait("Conformance", "1")]
    public void Two_requests_the_last_of_which_ends_the_connection()
        => Assert.Equal(
            [ConnectionState.New, ConnectionState.Active, ConnectionState.Idle, ConnectionState.Active, ConnectionState.Closed],
            States(
                ConnectionSignal.RequestStarted, ConnectionSignal.RequestEnded, ConnectionSignal.RequestStarted, ConnectionSignal.Closed));

    [Fact]
    [Trait("Conformance", "3")]
    public void An_upgraded_connection_stays_upgraded_until_it_is_closed()
        => Assert.Equal(
            [ConnectionState.New, ConnectionState.Active, ConnectionState.Upgraded, ConnectionState.Closed],
            States(ConnectionSignal.RequestStarted, ConnectionSignal.Upgraded, ConnectionSignal.Closed));

    [Fact]
    [Trait("Conformance", "5")]
    public void A_connection_that_never_speaks_goes_from_new_to_closed()
        => Assert.Equal([ConnectionState.New, ConnectionState.Closed], States(ConnectionSignal.Closed));

    [Theory]
    [Trait("Conformance", "11")]
    [InlineData(ConnectionState.Idle, ConnectionSignal.Upgraded)]
    [InlineData(ConnectionState.Closed, ConnectionSignal.RequestStarted)]
    [InlineData(ConnectionState.New, ConnectionSignal.RequestEnded)]
    [InlineData(ConnectionState.Upgraded, ConnectionSignal.RequestStarted)]
    public void What_cannot_happen_is_refused(ConnectionState state, ConnectionSignal signal)
    {
        var step = new Connection(state, Draining: false, Closing: false).On(signal);

        Assert.True(step.Impossible);
        Assert.Equal(state, step.Next.State);
    }

    [Fact]
    public void A_busy_connection_told_to_close_announces_it_and_closes_when_it_is_quiet()
    {
        var busy = In(ConnectionState.Active);

        var told = busy.On(ConnectionSignal.Close);
        var ended = told.Next.On(ConnectionSignal.RequestEnded);
        var quiet = ended.Next.On(ConnectionSignal.QuietElapsed);

        Assert.Equal(ConnectionEffect.Announce, told.Effect);
        Assert.Equal(ConnectionEffect.AwaitQuiet, ended.Effect);
        Assert.Equal(ConnectionEffect.RequestClose, quiet.Effect);
    }

    [Fact]
    public void A_request_that_comes_before_the_grace_is_over_keeps_the_connection_open()
    {
        var told = In(ConnectionState.Idle).On(ConnectionSignal.Close);

        var late = told.Next.On(ConnectionSignal.RequestStarted).Next.On(ConnectionSignal.QuietElapsed);

        Assert.Equal(ConnectionEffect.AwaitQuiet, told.Effect);
        Assert.Equal(ConnectionEffect.None, late.Effect);
    }

    [Fact]
    [Trait("Conformance", "24")]
    public void A_request_that_comes_all_the_same_is_served_with_the_close_announced()
    {
        var told = In(ConnectionState.Idle).On(ConnectionSignal.Close).Next;

        var served = told.On(ConnectionSignal.RequestStarted);

        Assert.Equal(ConnectionState.Active, served.Next.State);
        Assert.Equal(ConnectionEffect.Announce, served.Effect);
        Assert.Equal(ConnectionEffect.AwaitQuiet, served.Next.On(ConnectionSignal.RequestEnded).Effect);
    }

    [Fact]
    [Trait("Conformance", "45")]
    public void An_upgraded_connection_is_told_whether_it_upgraded_before_or_after()
    {
        var before = In(ConnectionState.Active).On(ConnectionSignal.Upgraded).Next.On(ConnectionSignal.Close);
        var after = In(ConnectionState.Active).On(ConnectionSignal.Close).Next.On(ConnectionSignal.Upgraded);

        Assert.Equal(ConnectionEffect.RequestClose, before.Effect);
        Assert.Equal(before, after);
    }

    [Theory]
    [Trait("Conformance", "47")]
    [InlineData(ConnectionState.New)]
    [InlineData(ConnectionState.Active)]
    [InlineData(ConnectionState.Idle)]
    [InlineData(ConnectionState.Upgraded)]
    public void A_drain_announces_the_close_and_leaves_the_connection_alone(ConnectionState state)
        => Assert.Equal(
            new ConnectionStep(In(state) with { Draining = true }, ConnectionEffect.Announce, Impossible: false),
            In(state).On(ConnectionSignal.Drain));

    [Fact]
    public void A_timer_that_nobody_waits_for_any_more_is_no_error_and_does_nothing()
    {
        foreach (var state in Enum.GetValues<ConnectionState>())
        {
            Assert.Equal(
                new ConnectionStep(In(state), ConnectionEffect.None, Impossible: false), In(state).On(ConnectionSignal.QuietElapsed));
        }
    }

    [Fact]
    [Trait("Conformance", "71")]
    public void Told_twice_is_told_once()
    {
        foreach (var signal in new[] { ConnectionSignal.Drain, ConnectionSignal.Close, ConnectionSignal.Resume, ConnectionSignal.Abort })
        {
            foreach (var state in Enum.GetValues<ConnectionState>())
            {
                var once = In(state).On(signal);
                Assert.Equal(once, once.Next.On(signal));
            }
        }
    }

    [Fact]
    [Trait("Conformance", "82")]
    public void A_drain_that_is_called_off_leaves_no_mark()
    {
        var told = In(ConnectionState.Idle).On(ConnectionSignal.Drain).Next.On(ConnectionSignal.Close).Next;

        var resumed = told.On(ConnectionSignal.Resume);

        Assert.Equal(ConnectionEffect.Withdraw, resumed.Effect);
        Assert.Equal(In(ConnectionState.Idle), resumed.Next);
        Assert.Equal(ConnectionEffect.None, resumed.Next.On(ConnectionSignal.QuietElapsed).Effect);
    }

    private static Connection In(ConnectionState state) => new(state, Draining: false, Closing: false);

    private static List<ConnectionState> States(params ConnectionSignal[] signals)
    {
        var connection = Connection.Accepted;
        List<ConnectionState> states = [connection.State];
        foreach (var signal in signals)
        {
            connection = connection.On(signal).Next;
            states.Add(connection.State);
        }

        return states;
    }
}
