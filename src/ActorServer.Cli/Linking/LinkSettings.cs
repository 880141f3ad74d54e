using System.Net;
using System.Net.Sockets;
using ActorServer.Actors;
using ActorServer.Cluster;
using Akka.Configuration;

namespace ActorServer.Cli.Linking;

/// <summary>Akka's configuration for an operator who speaks with one node.</summary>
internal static class LinkSettings
{
    /// <summary>The configuration.</summary>
    /// <param name="address">The node.</param>
    /// <param name="ownHost">What <see cref="OwnHostAsync"/> found.</param>
    public static Config For(NodeAddress address, string ownHost) => ConfigurationFactory.ParseString($$"""
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          coordinated-shutdown { run-by-clr-shutdown-hook = off, exit-clr = off }
          actor.provider = remote
          remote {
            # A node may watch; it may not command.
            untrusted-mode = on
            trusted-selection-paths = ["/system/remote-watcher"]
            dot-netty.tcp {
              # Answers come by the connection that is opened from here: nobody needs to reach this one.
              hostname = "{{ownHost}}"
              bind-hostname = "127.0.0.1"
              port = 0
              connection-timeout = 10s
              enable-ssl = {{(address.Tls ? "true" : "false")}}
            }
          }
        }
        """).WithFallback(RemotingConfig.Closed).WithFallback(WireSerializer.Configuration);

    /// <summary>A name of its own among all that speak with the node. No packet is sent but to find what the node's name means.</summary>
    public static async Task<string> OwnHostAsync(NodeAddress address, CancellationToken cancelled)
    {
        try
        {
            // Nobody can be stopped from looking names up, but waited for no longer.
            var found = IPAddress.TryParse(address.Host, out var figures)
                ? figures
                : (await Dns.GetHostAddressesAsync(address.Host, cancelled).WaitAsync(cancelled))[0];
            using Socket socket = new(found.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(found, address.Port);
            return ((IPEndPoint)socket.LocalEndPoint!).Address.ToString();
        }
        catch (SocketException)
        {
            // No way there at all, which shows in a moment.
            return "127.0.0.1";
        }
    }
}
