using ActorServer.Core;

namespace ActorServer.Core.Tests.Connections;

/// <summary>
/// Walks everything that a front end can report, in every order, with the connection's actor reading at every possible moment:
/// the machine follows, and never meets what cannot happen.
/// </summary>
public sealed class ActivityWalk
{
    private const int Depth = 7;

    private static readonly Func<Activity, Activity>[] Reports =
    [
        static a => a.Started(), static a => a.Ended(keepAlive: true), static a => a.Ended(keepAlive: false), static a => a.Upgraded(),
        static a => a.Refused(), static a => a.Aborted(), static a => a.Announced(), static a => a.Unanswered(), static a => a.Closed(),
    ];

    private static readonly HashSet<Moment> Moments = Walk();

    [Fact]
    public void No_reading_ever_finds_an_impossible_signal()
        => Assert.Null(Moments.FirstOrDefault(m => m.IsImpossible));

    [Fact]
    public void Whoever_has_read_all_is_in_the_state_that_was_written()
    {
        var read = Moments.Where(m => m.IsRead).ToList();

        Assert.Equal(Enum.GetValues<ConnectionState>(), read.Select(m => m.Machine.State).Distinct().Order());
        Assert.All(read, m => Assert.Equal(StateOf(m.Written), m.Machine.State));
    }

    [Fact]
    public void Nothing_is_in_flight_on_a_connection_that_is_not_active_or_upgraded()
        => Assert.All(
            Moments.Where(m => m.IsRead && m.Machine.State is not (ConnectionState.Active or ConnectionState.Upgraded)),
            m => Assert.Equal(0, m.Written.InFlight));

    [Fact]
    public void A_connection_is_idle_only_while_another_request_may_follow()
        => Assert.All(
            Moments.Where(m => m.IsRead && m.Machine.State == ConnectionState.Idle), m => Assert.False(m.Written.IsEnding));

    private static ConnectionState StateOf(Activity activity) => activity switch
    {
        { IsClosed: true } => ConnectionState.Closed,
        { IsUpgraded: true } => ConnectionState.Upgraded,
        { Edges: 0 } => ConnectionState.New,
        _ => activity.Edges % 2 == 1 ? ConnectionState.Active : ConnectionState.Idle,
    };

    private static HashSet<Moment> Walk()
    {
        HashSet<Moment> all = [new(default, default, Connection.Accepted, IsRead: true, IsImpossible: false)];
        List<Moment> last = [.. all];
        for (var step = 0; step < Depth; step++)
        {
            last = [.. last.SelectMany(Next).Where(all.Add)];
        }

        return all;
    }

    private static IEnumerable<Moment> Next(Moment moment)
        => Reports.Select(report => moment with { Written = report(moment.Written), IsRead = false }).Append(Read(moment));

    private static Moment Read(Moment moment)
    {
        var (seen, machine, impossible) = (moment.Seen, moment.Machine, moment.IsImpossible);
        while (moment.Written.TryNext(ref seen, out var signal))
        {
            var step = machine.On(signal);
            (machine, impossible) = (step.Next, impossible || step.Impossible);
        }

        return new(moment.Written, seen, machine, IsRead: true, impossible);
    }

    private sealed record Moment(Activity Written, Activity Seen, Connection Machine, bool IsRead, bool IsImpossible);
}
