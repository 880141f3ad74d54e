using System.Diagnostics;
using System.Globalization;
using ActorServer.Actors;
using Microsoft.Extensions.DependencyInjection;

namespace ActorServer.Benchmarks;

/// <summary>A server in a process of its own, told by lines what to do, as the peer in Go is.</summary>
internal static class PeerServer
{
    /// <summary>The command line that makes this program a bare server.</summary>
    public const string BareArgument = "--bare-server";

    /// <summary>The command line that makes it one with ActorServer.</summary>
    public const string OwnArgument = "--own-server";

    public static async Task RunAsync(bool own, TextReader input, TextWriter output)
    {
        await using var app = own ? Servers.Tracked() : Servers.Bare();
        await app.StartAsync();
        await output.WriteLineAsync(new Uri(app.Urls.Single()).Port.ToString(CultureInfo.InvariantCulture));
        while (await input.ReadLineAsync() is { } line)
        {
            if (line == "collect")
            {
                await Servers.CollectAsync();
                await output.WriteLineAsync("collected");
            }
            else if (line == "stop")
            {
                var start = Stopwatch.GetTimestamp();
                await (app.Services.GetService<IActorServer>()?.DrainAsync() ?? app.StopAsync());
                await output.WriteLineAsync(
                    Stopwatch.GetElapsedTime(start).TotalMicroseconds.ToString("F0", CultureInfo.InvariantCulture));
            }
        }
    }
}
