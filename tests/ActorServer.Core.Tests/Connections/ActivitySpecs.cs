using ActorServer.Core;

namespace ActorServer.Core.Tests.Connections;

public sealed class ActivitySpecs
{
    public static TheoryData<string, int> Sequences => new()
    {
        // N: accepted, A: request started, I: request ended, H: upgraded, C: closed; and what is in flight at the end.
        { "NA", 1 }, { "NC", 0 }, { "NAC", 0 }, { "NAHC", 0 }, { "NAI", 0 }, { "NAIA", 1 }, { "NAIAI", 0 }, { "NAIAC", 0 }, { "NAIAIC", 0 },
    };

    [Theory]
    [MemberData(nameof(Sequences))]
    [Trait("Conformance", "12")]
    public void The_requests_in_flight_follow_the_sequence(string sequence, int inFlight)
    {
        Activity activity = default;
        foreach (var step in sequence)
        {
            activity = step switch
            {
                'A' => activity.Started(),
                'I' => activity.Ended(keepAlive: true),
                'H' => activity.Upgraded(),
                'C' => activity.Closed(),
                _ => activity,
            };
        }

        Assert.Equal(inFlight, activity.InFlight);
    }

    [Fact]
    [Trait("Conformance", "9")]
    public void Three_streams_at_once_are_one_edge_up_and_one_down()
    {
        Activity activity = default;

        activity = activity.Started().Started().Started().Ended(true).Ended(true).Ended(true);

        Assert.Equal([ConnectionSignal.RequestStarted, ConnectionSignal.RequestEnded], Read(default, activity));
    }

    [Fact]
    public void However_the_ends_and_starts_of_streams_fall_the_edges_alternate()
    {
        // All orders of four starts and four ends in which nothing ends that has not started, read at every possible moment.
        foreach (var order in Enumerable.Range(0, 1 << 8).Where(IsPossible))
        {
            foreach (var readings in Enumerable.Range(0, 1 << 8))
            {
                var (activity, seen) = (default(Activity), default(Activity));
                List<ConnectionSignal> signals = [];
                for (var i = 0; i < 8; i++)
                {
                    activity = (order >> i & 1) == 1 ? activity.Started() : activity.Ended(keepAlive: true);
                    if ((readings >> i & 1) == 1)
                    {
                        signals.AddRange(Read(seen, activity));
                        seen = activity;
                    }
                }

                signals.AddRange(Read(seen, activity));
                Assert.All(
                    signals.Select((signal, i) => (signal, i)),
                    s => Assert.Equal(s.i % 2 == 0 ? ConnectionSignal.RequestStarted : ConnectionSignal.RequestEnded, s.signal));
                Assert.Equal(0, signals.Count % 2);
            }
        }

        static bool IsPossible(int order)
        {
            var inFlight = 0;
            for (var i = 0; i < 8; i++)
            {
                inFlight += (order >> i & 1) == 1 ? 1 : -1;
                if (inFlight < 0)
                {
                    return false;
                }
            }

            return inFlight == 0;
        }
    }

    [Fact]
    [Trait("Conformance", "2")]
    public void A_response_that_announces_the_end_does_not_make_the_connection_idle()
    {
        var ended = default(Activity).Started().Ended(keepAlive: false);

        Assert.Equal([ConnectionSignal.RequestStarted, ConnectionSignal.Closed], Read(default, ended.Closed()));
        Assert.True(ended.IsEnding);
    }

    [Fact]
    public void A_connection_that_was_cut_does_not_turn_idle_when_its_requests_end()
        => Assert.Equal(
            [ConnectionSignal.RequestStarted, ConnectionSignal.Closed],
            Read(default, default(Activity).Started().Aborted().Ended(keepAlive: true).Closed()));

    [Fact]
    public void A_refused_request_is_the_last_one()
        => Assert.Equal(
            [ConnectionSignal.RequestStarted],
            Read(default, default(Activity).Refused().Started().Ended(keepAlive: true)));

    [Fact]
    [Trait("Conformance", "6")]
    public void A_refused_request_is_active_and_then_closed()
        => Assert.Equal(
            [ConnectionSignal.RequestStarted, ConnectionSignal.Closed], Read(default, default(Activity).Refused().Closed()));

    [Fact]
    public void A_refusal_inside_a_request_that_the_application_has_seen_is_not_another_request()
    {
        var inside = default(Activity).Started().Refused();

        Assert.False(inside.IsRefused);
        Assert.Equal(1, inside.InFlight);
    }

    [Fact]
    [Trait("Conformance", "4")]
    public void What_happens_to_the_request_after_an_upgrade_moves_nothing()
        => Assert.Equal(
            [ConnectionSignal.RequestStarted, ConnectionSignal.Upgraded, ConnectionSignal.Closed],
            Read(default, default(Activity).Started().Upgraded().Ended(keepAlive: false).Closed()));

    [Fact]
    public void An_end_without_a_start_is_nothing()
        => Assert.Equal(default, default(Activity).Ended(keepAlive: true));

    [Fact]
    public void Marks_and_counts_do_not_run_into_each_other()
    {
        var activity = default(Activity);
        for (var i = 0; i < 1000; i++)
        {
            activity = activity.Started();
        }

        activity = activity.Upgraded().Aborted().Rejected().Announced().Unanswered();

        Assert.Equal(1000, activity.InFlight);
        Assert.Equal(1, activity.Edges);
        Assert.True(
            activity is { IsUpgraded: true, IsAborted: true, IsRejected: true, IsAnnounced: true, IsUnanswered: true, IsClosed: false });
        Assert.Equal(0, activity.Closed().InFlight);
    }

    [Fact]
    public void One_request_more_than_the_word_can_count_is_not_counted_and_touches_no_mark()
    {
        const int inFlightMax = (1 << 20) - 1;
        Activity full = new(default(Activity).Started().Word + inFlightMax - 1);

        Assert.Equal(inFlightMax, full.InFlight);
        Assert.Equal(full, full.Started());
        Assert.Equal(inFlightMax - 1, full.Started().Ended(keepAlive: true).InFlight);
    }

    [Fact]
    public void Edges_beyond_what_the_word_can_count_are_read_as_any_other()
    {
        const int edgeShift = 28;
        // The last even number of edges there is: idle, and seen so.
        Activity seen = new(ulong.MaxValue >> edgeShift << edgeShift & ~(1UL << edgeShift));

        var over = seen.Started().Ended(keepAlive: true).Started();

        Assert.Equal(1, over.Edges);
        Assert.Equal(
            [ConnectionSignal.RequestStarted, ConnectionSignal.RequestEnded, ConnectionSignal.RequestStarted], Read(seen, over));
    }

    [Fact]
    public void What_is_reported_after_the_socket_has_gone_moves_nothing()
    {
        var gone = default(Activity).Started().Started().Closed();

        Assert.Equal(gone, gone.Ended(keepAlive: true));
        Assert.Equal(gone, gone.Started());
        Assert.Equal(gone, gone.Refused());
        Assert.Equal(gone, gone.Closed());
    }

    [Fact]
    public void A_reader_who_has_seen_all_finds_nothing()
    {
        var activity = default(Activity).Started().Ended(true);
        var seen = activity;

        Assert.False(activity.TryNext(ref seen, out _));
    }

    private static List<ConnectionSignal> Read(Activity seen, Activity activity)
    {
        List<ConnectionSignal> signals = [];
        while (activity.TryNext(ref seen, out var signal))
        {
            signals.Add(signal);
        }

        return signals;
    }
}
