using System.Net;
using ActorServer.Core;

namespace ActorServer.Core.Tests.Limits;

public sealed class LimitSpecs
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Duration Hour = TimeSpan.FromHours(1);

    [Fact]
    public void Without_limits_everybody_is_accepted()
        => Assert.Equal(Admission.Accept, LimitSettings.None.Admit(int.MaxValue, int.MaxValue));

    [Theory]
    [InlineData(WhenFull.Throttle, 9, Admission.Accept)]
    [InlineData(WhenFull.Throttle, 10, Admission.Wait)]
    [InlineData(WhenFull.Throttle, 11, Admission.Wait)]
    [InlineData(WhenFull.Refuse, 9, Admission.Accept)]
    [InlineData(WhenFull.Refuse, 10, Admission.Refuse)]
    public void One_more_than_the_limit_waits_or_is_refused(WhenFull whenFull, int live, Admission admission)
    {
        var limits = LimitSettings.None with { MaxConnections = 10, WhenFull = whenFull };

        Assert.Equal(admission, limits.Admit(live, ofPeer: 0));
        Assert.Equal(admission == Admission.Wait, limits.Throttles(live));
    }

    [Theory]
    [InlineData(0, 1, Admission.Accept)]
    [InlineData(0, 2, Admission.Refuse)]
    [InlineData(10, 1, Admission.Wait)]
    [InlineData(10, 2, Admission.Refuse)]
    public void A_peer_that_has_had_its_share_is_refused_and_never_waits(int live, int ofPeer, Admission admission)
        => Assert.Equal(admission, (LimitSettings.None with { MaxConnections = 10, MaxConnectionsPerPeer = 2 }).Admit(live, ofPeer));

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.2", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::1", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("::1", "::2", true)]
    [InlineData("0.0.0.1", "::1", false)]
    [InlineData("0.0.0.0", "::", false)]
    public void A_peer_is_an_address_of_IPv4_or_a_64_of_IPv6(string one, string other, bool same)
        => Assert.Equal(same, PeerKey.Of(IPAddress.Parse(one)) == PeerKey.Of(IPAddress.Parse(other)));

    [Theory]
    [Trait("Conformance", "92")]
    [InlineData(0.0, 54)]
    [InlineData(0.5, 60)]
    [InlineData(1.0, 66)]
    public void A_connection_is_old_at_the_age_give_or_take_a_tenth(double share, int minutes)
        => Assert.Equal(Start.AddMinutes(minutes), ConnectionAge.Due(Start, Start.AddHours(-9), Hour, share));

    [Theory]
    [InlineData(0.0, 0)]
    [InlineData(0.5, 6)]
    [InlineData(1.0, 12)]
    public void Those_that_are_old_when_the_limit_is_set_go_one_by_one(double share, int minutes)
        => Assert.Equal(Start.AddMinutes(minutes), ConnectionAge.Due(Start.AddHours(-9), Start, Hour, share));

    [Fact]
    public void Without_a_limit_nobody_is_ever_old() => Assert.Null(ConnectionAge.Due(Start, Start, Duration.Infinite, 0.5));

    [Fact]
    public void Settings_and_options_are_the_same()
    {
        LimitSettings settings = new(1, WhenFull.Refuse, 2, Hour, Duration.Zero, 3, Hour, Hour, 4, true);
        LimitOptions options = new();

        options.Set(settings);

        Assert.Equal(settings, options.Resolve());
        Assert.Equal(LimitSettings.None, new LimitOptions().Resolve());
    }
}
