using ActorServer.DrainLab;

namespace ActorServer.EndToEnd.Tests.Lab;

/// <summary>Two nodes of three that do not reach each other, in networks of the kernel's: their clients do not notice.</summary>
public sealed class PartitionSpecs
{
    // Fails where no network can be made. It needs root, or namespaces that users may make, and iproute2.
    [Fact]
    public async Task Nodes_that_do_not_reach_each_other_serve_on_say_who_is_missing_and_find_each_other_again()
    {
        var (exitCode, output) = await PartitionRun.StartAsync();

        Assert.True(exitCode == 0, output);
        Assert.Contains(PartitionRun.Well, output, StringComparison.Ordinal);
    }
}
