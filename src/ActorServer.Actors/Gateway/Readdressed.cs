using Wire = ActorServer.Core.Wire;

namespace ActorServer.Actors;

/// <summary>A request on its way to the node that it is for, at that node's own address.</summary>
internal static class Readdressed
{
    /// <summary>What changes a node comes without its name, by which it could be meant for another. A connection is looked for there only.</summary>
    public static Wire.IWireRequest At(this Wire.IWireRequest request, string name) => request switch
    {
        Wire.GetConnection get => get with { Node = name },
        Wire.CloseConnection close => close with { Node = name },
        Wire.Drain drain => drain with { Node = null },
        Wire.Leave leave => leave with { Node = null },
        Wire.Resume resume => resume with { Node = null },
        Wire.Suspend suspend => suspend with { Node = null },
        Wire.Down down => down with { Node = null },
        _ => request,
    };
}
