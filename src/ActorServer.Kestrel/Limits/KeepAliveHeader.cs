using System.Globalization;
using ActorServer.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace ActorServer.Kestrel;

/// <summary>What a server says of how long a connection may be idle.</summary>
internal sealed class KeepAliveHeader(IOptions<KestrelServerOptions> kestrel, DrainSettings drain)
{
    /// <summary>
    /// The header's value. Kestrel closes after its keep-alive timeout; a drain, no sooner than a lame duck after the last request.
    /// Whoever stops using a connection before both never meets its close. Whole seconds: less than one cannot be said, and null
    /// says nothing.
    /// </summary>
    public string? Value { get; } = Seconds(kestrel.Value.Limits.KeepAliveTimeout, drain.LameDuck.Value) is var seconds and >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"timeout={seconds}")
        : null;

    private static long Seconds(TimeSpan keepAlive, TimeSpan lameDuck)
    {
        var seconds = keepAlive == Timeout.InfiniteTimeSpan ? int.MaxValue : (long)Math.Min(keepAlive.TotalSeconds, int.MaxValue);
        return Math.Min(seconds, (long)lameDuck.TotalSeconds);
    }
}
