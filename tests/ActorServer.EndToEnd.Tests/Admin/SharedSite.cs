namespace ActorServer.EndToEnd.Tests.Admin;

/// <summary>One started server for the tests of a class that leave it as it was.</summary>
public class SharedSite : IAsyncLifetime
{
    internal AdminSite Site { get; private set; } = null!;

    protected virtual string? Token => null;

    public async Task InitializeAsync() => Site = await AdminSite.StartAsync(options => options.Token = Token);

    public async Task DisposeAsync() => await Site.DisposeAsync();
}

/// <summary>The same, with a token.</summary>
public sealed class SharedSiteWithToken : SharedSite
{
    protected override string? Token => AdminSite.Token;
}
