using System.Net;

namespace ActorServer.Core;

/// <summary>What is known of a request when it is over: one line of the access log.</summary>
#pragma warning disable CA1815 // Nobody compares them.
public struct AccessEntry
#pragma warning restore CA1815
{
    /// <summary>When it was over (UTC).</summary>
    public DateTime Time { get; set; }

    /// <summary>The socket's peer; null for a Unix socket.</summary>
    public IPAddress? Remote { get; set; }

    /// <summary>The client's address as the application sees it, where that is another: it trusts a proxy.</summary>
    public IPAddress? Forwarded { get; set; }

    /// <summary>The method; null when none could be read.</summary>
    public string? Method { get; set; }

    /// <summary>The target as it was sent, query included; null when none could be read.</summary>
    public string? Target { get; set; }

    /// <summary>The protocol: HTTP/1.1, HTTP/2.</summary>
    public string? Protocol { get; set; }

    /// <summary>The host that was asked for.</summary>
    public string? Host { get; set; }

    /// <summary>The response's status; 499 when there was none.</summary>
    public int Status { get; set; }

    /// <summary>How it ended.</summary>
    public RequestOutcome Outcome { get; set; }

    /// <summary>Bytes of the response's body as handed to the wire: after compression, before framing.</summary>
    public long ResponseBytes { get; set; }

    /// <summary>Bytes of the request's body that the application read, without framing.</summary>
    public long RequestBytes { get; set; }

    /// <summary>From the end of the request's headers to the end of its response.</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>The User-Agent header.</summary>
    public string? UserAgent { get; set; }

    /// <summary>The Referer header.</summary>
    public string? Referer { get; set; }

    /// <summary>The request's id, taken from its header or made.</summary>
    public string? RequestId { get; set; }

    /// <summary>The connection's identity, which leads to its timeline.</summary>
    public string? ConnectionId { get; set; }

    /// <summary>The id of the trace it belongs to; null when there is none.</summary>
    public string? TraceId { get; set; }

    /// <summary>It is an error: a status of 5xx, or an exception of the application.</summary>
    public readonly bool IsError => Status >= 500 || Outcome is RequestOutcome.Failed or RequestOutcome.FailedLate;

    /// <summary>It is worth a warning: a status of 4xx.</summary>
    public readonly bool IsWarning => !IsError && Status >= 400;
}
