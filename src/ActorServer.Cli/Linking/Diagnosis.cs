using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ActorServer.Cli.Linking;

/// <summary>Finds out, once an answer did not come, what an operator can do about it.</summary>
internal static class Diagnosis
{
    // Long enough for a node across the world; the operator has waited already.
    private static readonly TimeSpan ProbeMax = TimeSpan.FromSeconds(2);

    /// <summary>Why a node does not answer, in a sentence.</summary>
    /// <param name="address">The node.</param>
    /// <param name="identity">What the operator brought for TLS.</param>
    /// <param name="waited">How long he has waited.</param>
    /// <param name="cancelled">He has had enough.</param>
    public static async Task<string> OfAsync(NodeAddress address, PeerIdentity? identity, TimeSpan waited, CancellationToken cancelled)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        late.CancelAfter(waited < ProbeMax ? waited : ProbeMax);
        using TcpClient client = new();
        try
        {
            await client.ConnectAsync(address.Host, address.Port, late.Token);
        }
        catch (SocketException exception)
        {
            return $"{address} cannot be reached: {exception.Message}. Does the node run, and is this the port of its remoting, not of HTTP?";
        }
        catch (OperationCanceledException) when (!cancelled.IsCancellationRequested)
        {
            return $"{address} cannot be reached: nothing answers there.";
        }

        return identity is null ? await PlainAsync(address, client, late.Token) : await SecureAsync(address, client, identity, late.Token);
    }

    private static async Task<string> PlainAsync(NodeAddress address, TcpClient client, CancellationToken late)
    {
        // A certificate is all there is to see.
        var shown = false;
        using SslStream tls = new(client.GetStream(), leaveInnerStreamOpen: true, (_, certificate, _, _) => (shown = certificate is not null) && false);
        await HandshakeAsync(tls, address, certificate: null, late);
        return shown
            ? $"{address} speaks TLS: give --ca, --cert and --key."
            : OtherName(address);
    }

    private static async Task<string> SecureAsync(NodeAddress address, TcpClient client, PeerIdentity identity, CancellationToken late)
    {
        string? problem = null;
        using SslStream tls = new(client.GetStream(), leaveInnerStreamOpen: true, (_, certificate, _, _) =>
        {
            problem = identity.Problem(certificate as X509Certificate2);
            return problem is null;
        });
        var failure = await HandshakeAsync(tls, address, identity.Certificate, late);
        if (problem is not null)
        {
            return $"{address} is not trusted: its certificate is not one that --ca has signed ({problem}).";
        }

        if (failure is not null)
        {
            return $"{address} refused TLS: {failure} Does the node use TLS, and has the authority it trusts signed --cert?";
        }

        try
        {
            // With TLS 1.3 a refusal comes after the handshake; silence is none.
            return await tls.ReadAsync(new byte[1], late) == 0
                ? $"{address} refused the certificate of --cert: the authority it trusts has not signed it."
                : OtherName(address);
        }
        catch (IOException exception)
        {
            return $"{address} refused the certificate of --cert: {(exception.InnerException ?? exception).Message}";
        }
        catch (OperationCanceledException)
        {
            return OtherName(address);
        }
    }

    private static async Task<string?> HandshakeAsync(SslStream tls, NodeAddress address, X509Certificate2? certificate, CancellationToken late)
    {
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = address.Host,
            ClientCertificates = certificate is null ? null : [certificate],
        };
        try
        {
            await tls.AuthenticateAsClientAsync(options, late);
            return null;
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or OperationCanceledException)
        {
            return (exception.InnerException ?? exception).Message;
        }
    }

    private static string OtherName(NodeAddress address)
        => $"Something listens at {address.Host}:{address.Port}, but does not answer as {address}. "
            + "The host and port must be those the node is configured with, and the name that of its actor system.";
}
