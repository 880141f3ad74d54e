using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.Kestrel;

/// <summary>What comes after an upgrade, both ways.</summary>
internal sealed class CountedUpgrade(LoggedRequest request, IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect)
    : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    public bool IsUpgradableRequest => upgrade?.IsUpgradableRequest == true;

    public bool IsExtendedConnect => connect?.IsExtendedConnect == true;

    public string? Protocol => connect?.Protocol;

    public async Task<Stream> UpgradeAsync() => new CountingStream(await upgrade!.UpgradeAsync(), request, null);

    public async ValueTask<Stream> AcceptAsync() => new CountingStream(await connect!.AcceptAsync(), request, null);
}
