namespace ActorServer.EndToEnd.Tests.HostProcess;

/// <summary>One running host for the tests of a class that leave it as it was.</summary>
public sealed class SharedHost : IAsyncLifetime
{
    internal RunningHost Host { get; private set; } = null!;

    public async Task InitializeAsync()
        => Host = await RunningHost.StartAsync([.. RunningHost.AnyPort, .. RunningHost.Swift]);

    public async Task DisposeAsync() => await Host.DisposeAsync();
}
