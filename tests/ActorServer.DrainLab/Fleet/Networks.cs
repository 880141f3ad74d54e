using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace ActorServer.DrainLab;

/// <summary>Networks of their own for this process and its nodes: a router, where this process is, and one behind it for each node.</summary>
/// <remarks>
/// The process has been started by <see cref="Start"/>: namespaces, links and mounts end with it, however it ends, and all that it
/// started does too.
/// </remarks>
internal static class Networks
{
    /// <summary>How a command line starts in networks of its own: its processes, mounts and networks are nobody else's.</summary>
    public static IReadOnlyList<string> Wrapper { get; } =
    [
        "unshare", .. Environment.IsPrivilegedProcess ? Array.Empty<string>() : ["--map-root-user"],
        "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
    ];

    /// <summary>Starts a program in networks of its own, with its output and errors to be read.</summary>
    public static Process Start(params IEnumerable<string> commandLine)
    {
        ProcessStartInfo start = new(Wrapper[0]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var word in Wrapper.Skip(1).Concat(commandLine))
        {
            start.ArgumentList.Add(word);
        }

        return Process.Start(start) ?? throw new InvalidOperationException("unshare does not start: apt-get install util-linux.");
    }

    /// <summary>Where a node is: 0 is the first.</summary>
    public static IPAddress Address(int node) => IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"10.77.{node}.2"));

    /// <summary>What starts a node's process in its network.</summary>
    public static IReadOnlyList<string> Within(int node) => ["ip", "netns", "exec", Name(node)];

    /// <summary>Makes the networks of so many nodes.</summary>
    public static async Task MakeAsync(int nodes, CancellationToken cancellationToken)
    {
        await RunAsync("mount -t tmpfs none /run", cancellationToken);
        await RunAsync("ip link set lo up", cancellationToken);
        for (var i = 0; i < nodes; i++)
        {
            var (name, gateway) = (Name(i), string.Create(CultureInfo.InvariantCulture, $"10.77.{i}.1"));
            await RunAsync($"ip netns add {name}", cancellationToken);
            await RunAsync($"ip link add to-{name} type veth peer name eth0 netns {name}", cancellationToken);
            await RunAsync($"ip addr add {gateway}/24 dev to-{name}", cancellationToken);
            await RunAsync($"ip link set to-{name} up", cancellationToken);
            await RunAsync($"ip -n {name} link set lo up", cancellationToken);
            await RunAsync($"ip -n {name} addr add {Address(i)}/24 dev eth0", cancellationToken);
            await RunAsync($"ip -n {name} link set eth0 up", cancellationToken);
            await RunAsync($"ip -n {name} route add default via {gateway}", cancellationToken);
        }

        await File.WriteAllTextAsync("/proc/sys/net/ipv4/ip_forward", "1", cancellationToken);
    }

    /// <summary>The router forgets what two nodes send to each other, without a word to either; or does so no longer.</summary>
    public static async Task CutAsync(int one, int other, bool cut, CancellationToken cancellationToken)
    {
        var verb = cut ? "add" : "del";
        await RunAsync($"ip rule {verb} from {Address(one)} to {Address(other)} blackhole", cancellationToken);
        await RunAsync($"ip rule {verb} from {Address(other)} to {Address(one)} blackhole", cancellationToken);
    }

    private static string Name(int node) => string.Create(CultureInfo.InvariantCulture, $"n{node + 1}");

    private static async Task RunAsync(string commandLine, CancellationToken cancellationToken)
    {
        var words = commandLine.Split(' ');
        using var process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardError = true })
            ?? throw new InvalidOperationException($"{words[0]} does not start.");
        var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The lab's networks cannot be made: {commandLine}: {errors}");
        }
    }
}
