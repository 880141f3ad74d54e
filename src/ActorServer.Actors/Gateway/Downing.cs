using System.Globalization;
using Akka.Actor;
using Wire = ActorServer.Core.Wire;

namespace ActorServer.Actors;

/// <summary>Gives up a member of the cluster that is missing. A part of the gateway, on its thread.</summary>
internal static class Downing
{
    /// <summary>Does it, unless the member is heard from, or is none.</summary>
    public static Wire.IWireAnswer Answer(string node, IClusterView? cluster, Wire.Down down)
    {
        if (cluster is null)
        {
            return new Wire.Refused(node, Wire.RefusalCode.NoCluster, "This node is in no cluster.");
        }

        var others = cluster.Others;
        switch (others.FirstOrDefault(o => IsAt(o.Address, down.Member)))
        {
            case null:
                var missing = others.Where(static o => !o.IsReachable).Select(static o => o.Address.ToString()).ToList();
                return new Wire.Refused(
                    node, Wire.RefusalCode.UnknownNode,
                    $"No other member of the cluster is at {down.Member}; {(missing.Count == 0 ? "none is missing" : $"missing: {string.Join(", ", missing)}")}.");
            // Whoever is heard from can leave by itself, and loses nothing then.
            case { IsReachable: true } member:
                return new Wire.Refused(
                    node, Wire.RefusalCode.Conflict, $"{member.Address} is not missing: tell it to leave, or stop it.");
            case var member:
                cluster.Down(member.Address);
                return new Wire.Downed(node, member.Address.ToString());
        }
    }

    // The brackets of IPv6 may be written or not, and names of hosts in any case.
    private static bool IsAt(Address member, string text)
        => string.Equals(text, member.ToString(), StringComparison.OrdinalIgnoreCase)
            || string.Equals(
                text.Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal),
                string.Create(CultureInfo.InvariantCulture, $"{member.Host?.Trim('[', ']')}:{member.Port}"),
                StringComparison.OrdinalIgnoreCase);
}
