using ActorServer.Core;

namespace ActorServer.Core.Tests.Connections;

/// <summary>Walks every value a connection's machine can reach, with every signal.</summary>
public sealed class ConnectionWalk
{
    private static readonly ConnectionSignal[] Signals = Enum.GetValues<ConnectionSignal>();

    private static readonly IReadOnlyList<(Connection Before, ConnectionSignal Signal, ConnectionStep Step)> Steps = Walk();

    [Fact]
    public void Every_reachable_value_answers_every_signal()
    {
        var values = Steps.Select(s => s.Before).Distinct().ToList();

        Assert.Equal(Enum.GetValues<ConnectionState>(), values.Select(v => v.State).Distinct().Order());
        Assert.Equal(values.Count * Signals.Length, Steps.Count);
    }

    [Fact]
    public void A_closed_connection_stays_closed_and_asks_for_nothing()
        => Assert.All(
            Steps.Where(s => s.Before.State == ConnectionState.Closed),
            s =>
            {
                Assert.Equal(s.Before, s.Step.Next);
                Assert.Equal(ConnectionEffect.None, s.Step.Effect);
            });

    [Fact]
    public void An_impossible_signal_changes_nothing_and_asks_for_nothing()
    {
        var impossible = Steps.Where(s => s.Step.Impossible).ToList();

        Assert.NotEmpty(impossible);
        Assert.All(impossible, s => Assert.Equal(new ConnectionStep(s.Before, ConnectionEffect.None, Impossible: true), s.Step));
    }

    [Fact]
    public void Only_a_resume_takes_a_mark_away()
        => Assert.All(
            Steps.Where(s => s.Signal != ConnectionSignal.Resume),
            s =>
            {
                Assert.True(s.Step.Next.Draining || !s.Before.Draining);
                Assert.True(s.Step.Next.Closing || !s.Before.Closing);
            });

    [Fact]
    public void Whatever_a_closing_connection_turns_to_it_is_asked_what_ends_it_from_there()
        => Assert.All(
            Steps.Where(s => s.Step.Next is { Closing: true, State: not ConnectionState.Closed }
                && (s.Signal == ConnectionSignal.Close || s.Step.Next.State != s.Before.State)),
            s => Assert.Equal(
                s.Step.Next.State switch
                {
                    ConnectionState.New or ConnectionState.Idle => ConnectionEffect.AwaitQuiet,
                    ConnectionState.Active => ConnectionEffect.Announce,
                    _ => ConnectionEffect.RequestClose,
                },
                s.Step.Effect));

    [Fact]
    public void A_connection_with_a_request_in_flight_is_never_closed()
        => Assert.DoesNotContain(
            Steps, s => s.Step.Effect == ConnectionEffect.RequestClose && s.Step.Next.State == ConnectionState.Active);

    [Fact]
    public void Nothing_is_closed_that_was_not_told_to()
        => Assert.All(Steps.Where(s => s.Step.Effect == ConnectionEffect.RequestClose), s => Assert.True(s.Step.Next.Closing));

    [Fact]
    public void An_abort_cuts_whatever_lives()
        => Assert.All(
            Steps.Where(s => s.Signal == ConnectionSignal.Abort && s.Before.State != ConnectionState.Closed),
            s => Assert.Equal(ConnectionEffect.Abort, s.Step.Effect));

    [Fact]
    public void A_state_is_entered_by_what_the_wire_says_and_by_nothing_else()
        => Assert.All(
            Steps.Where(s => s.Signal > ConnectionSignal.Closed), s => Assert.Equal(s.Before.State, s.Step.Next.State));

    private static List<(Connection, ConnectionSignal, ConnectionStep)> Walk()
    {
        HashSet<Connection> seen = [Connection.Accepted];
        Queue<Connection> toWalk = new(seen);
        List<(Connection, ConnectionSignal, ConnectionStep)> steps = [];
        while (toWalk.TryDequeue(out var connection))
        {
            foreach (var signal in Signals)
            {
                var step = connection.On(signal);
                steps.Add((connection, signal, step));
                if (seen.Add(step.Next))
                {
                    toWalk.Enqueue(step.Next);
                }
            }
        }

        return steps;
    }
}
