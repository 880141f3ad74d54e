using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ActorServer.Cluster;

namespace ActorServer.Cli.Linking;

/// <summary>Finds out, when an answer does not come, what an operator can do about it.</summary>
/// <remarks>It always ends in a sentence, at the latest when it is told to end.</remarks>
internal sealed class Diagnosis(LinkOptions options, CancellationToken end)
{
    private const string SomethingElse = "Does the node run, and is this the port of its remoting, not of HTTP?";

    private readonly NodeAddress _address = options.Address;

    /// <summary>Why a node does not answer, in a sentence.</summary>
    public static Task<string> OfAsync(LinkOptions options, CancellationToken end) => new Diagnosis(options, end).FindAsync();

    private async Task<string> FindAsync()
    {
        try
        {
            using var client = await ConnectAsync();
            return options.Identity is { } identity ? await SecureAsync(client, identity) : await PlainAsync(client);
        }
        catch (SocketException exception)
        {
            return $"{_address} cannot be reached: {exception.Message}. {SomethingElse}";
        }
        catch (OperationCanceledException)
        {
            return $"{_address} cannot be reached: nothing answers there.";
        }
    }

    private async Task<TcpClient> ConnectAsync()
    {
        TcpClient client = new();
        try
        {
            // Nobody can be stopped from looking names up, but waited for no longer.
            await client.ConnectAsync(_address.Host, _address.Port, end).AsTask().WaitAsync(end);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private async Task<string> PlainAsync(TcpClient client)
    {
        // A certificate is all there is to see.
        var shown = false;
        using SslStream tls = new(client.GetStream(), leaveInnerStreamOpen: true, (_, certificate, _, _) => (shown = certificate is not null) && false);
        await HandshakeAsync(tls, certificate: null);
        return shown ? $"{_address} speaks TLS: give --ca, --cert and --key." : await OtherAsync();
    }

    private async Task<string> SecureAsync(TcpClient client, PeerCertificates identity)
    {
        string? problem = null;
        var shown = false;
        using SslStream tls = new(client.GetStream(), leaveInnerStreamOpen: true, (_, certificate, chain, _) =>
        {
            shown = true;
            problem = identity.Problem(certificate as X509Certificate2, chain, isServer: true);
            return problem is null;
        });
        var failure = await HandshakeAsync(tls, identity.Own);
        if (problem is not null)
        {
            return $"{_address} is not trusted: {problem}.";
        }

        if (failure is not null)
        {
            return shown ? Turned(identity, failure)
                : await SpeaksHttpAsync() ? Http()
                : end.IsCancellationRequested ? Silent()
                : $"{_address} refused TLS: {failure} Does the node use TLS?";
        }

        try
        {
            // With TLS 1.3 a refusal comes after the handshake; silence is none.
            return await tls.ReadAsync(new byte[1], end) == 0 ? Turned(identity, "It ended the connection.") : Silent();
        }
        catch (IOException exception)
        {
            return Turned(identity, (exception.InnerException ?? exception).Message);
        }
        catch (OperationCanceledException)
        {
            return Silent();
        }
    }

    private async Task<string?> HandshakeAsync(SslStream tls, X509Certificate2? certificate)
    {
        SslClientAuthenticationOptions handshake = new()
        {
            TargetHost = _address.Host,
            ClientCertificates = certificate is null ? null : [certificate],
        };
        try
        {
            await tls.AuthenticateAsClientAsync(handshake, end);
            return null;
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or OperationCanceledException)
        {
            return (exception.InnerException ?? exception).Message;
        }
    }

    // The usual mistake: a node's other ports are better known.
    private async Task<bool> SpeaksHttpAsync()
    {
        try
        {
            using var client = await ConnectAsync();
            var stream = client.GetStream();
            await stream.WriteAsync("GET / HTTP/1.0\r\n\r\n"u8.ToArray(), end);
            var answer = new byte[5];
            return await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, end) == answer.Length
                && Encoding.ASCII.GetString(answer) == "HTTP/";
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
        {
            // Whatever it speaks, it is not that.
            return false;
        }
    }

    private async Task<string> OtherAsync() => await SpeaksHttpAsync() ? Http() : Silent();

    private string Http()
        => $"{_address.Host}:{_address.Port} speaks HTTP: give the port of the node's remoting, 4053 unless it is configured otherwise.";

    private string Silent()
        => $"Something listens at {_address.Host}:{_address.Port}, but does not answer as {_address}. "
            + "The host and port must be those the node is configured with, and the name that of its actor system.";

    private string Turned(PeerCertificates identity, string failure)
        => identity.Own.NotAfter.ToUniversalTime() is var until && until < options.Time.GetUtcNow()
            ? $"{_address} refused the certificate of --cert: it expired at {until:u}."
            : $"{_address} refused the certificate of --cert: {failure} Has the authority that the node trusts signed it?";
}
