using System.Diagnostics;
using System.Net;
using ActorServer.Core;
using Microsoft.AspNetCore.Http.Features;
using Activity = System.Diagnostics.Activity;

namespace ActorServer.Kestrel;

/// <summary>One request on its way to its line. The only object that the access log makes for it.</summary>
internal sealed class LoggedRequest
{
    private static readonly Func<object, Task> Starting = static state =>
    {
        ((LoggedRequest)state).ResponseStarting();
        return Task.CompletedTask;
    };

    private static readonly Func<object, Task> Completed = static state =>
    {
        ((LoggedRequest)state).End();
        return Task.CompletedTask;
    };

    private readonly AccessLog _log;
    private readonly long _startedAt;
    private TrackedConnection? _connection;
    private IFeatureCollection? _features;
    private AccessEntry _entry;
    private Thrown? _thrown;

    private LoggedRequest(AccessLog log, TrackedConnection connection, IFeatureCollection features)
    {
        (_log, _connection, _features) = (log, connection, features);
        _startedAt = connection.Time.GetTimestamp();
        // As they were sent: what the application makes of them in between is its own business.
        var request = features.Own<IHttpRequestFeature>();
        _entry.Method = Known(request.Method);
        _entry.Target = Known(request.RawTarget);
        _entry.Protocol = Known(request.Protocol);
        _entry.Host = request.Headers.Host;
        _entry.UserAgent = request.Headers.UserAgent;
        _entry.Referer = request.Headers.Referer;
        _entry.ConnectionId = connection.Cell.Id;
    }

    public ref readonly AccessEntry Entry => ref _entry;

    /// <summary>A request has been read.</summary>
    public static void Start(AccessLog log, TrackedConnection connection, IFeatureCollection features, bool callsBack)
    {
        LoggedRequest request = new(log, connection, features);
        features.Set(request);
        request.TakeId();
        CountedBodies.Attach(request, features, countsResponse: !log.ReadsFields);
        var response = features.Own<IHttpResponseFeature>();
        // First in, last out: these see what everybody else has made of the response.
        response.OnStarting(Starting, request);
        if (callsBack)
        {
            request.CallBack(features);
        }
    }

    /// <summary>The server is to say when the request is over.</summary>
    public void CallBack(IFeatureCollection features) => features.Own<IHttpResponseFeature>().OnCompleted(Completed, this);

    /// <summary>The server has refused a request; the application never sees it.</summary>
    public static void Refuse(AccessLog log, TrackedConnection connection, IFeatureCollection features)
    {
        if (features.Get<LoggedRequest>() is null && !features.Own<IHttpResponseFeature>().HasStarted)
        {
            new LoggedRequest(log, connection, features).End();
        }
    }

    /// <summary>The application threw, and nobody in it has caught it.</summary>
    public void Threw(Thrown thrown) => _thrown = thrown;

    /// <summary>Bytes of the request's body were read.</summary>
    public void Read(long bytes) => _entry.RequestBytes += bytes;

    /// <summary>Marks the request's activity, where somebody records it.</summary>
    public void Mark(Activity activity)
    {
        if (_features?.Own<IHttpRequestIdentifierFeature>() is { } identifier)
        {
            activity.SetTag("request.id", identifier.TraceIdentifier);
        }
    }

    /// <summary>Bytes of the response's body were written; counted where the server's own count cannot be read.</summary>
    public void Wrote(long bytes) => _entry.ResponseBytes += bytes;

    /// <summary>The request is over. Said again, it says nothing.</summary>
    public void End()
    {
        if (_features is not { } features || _connection is not { } connection)
        {
            return;
        }

        // A line that waits keeps neither the connection nor its buffers alive.
        (_features, _connection) = (null, null);
        if (!_log.HasRoom())
        {
            return;
        }

        var response = features.Own<IHttpResponseFeature>();
        RequestEnding ending = new(features, connection, response, _log.ReadsFields)
        {
            Counted = _entry.ResponseBytes,
            Thrown = _thrown,
        };
        _entry.Time = connection.Time.GetUtcNow().UtcDateTime;
        _entry.Elapsed = connection.Time.GetElapsedTime(_startedAt);
        _entry.Status = response.StatusCode;
        (_entry.ResponseBytes, _entry.Outcome) = ending.Judge();
        _entry.RequestId = features.Own<IHttpRequestIdentifierFeature>().TraceIdentifier;
        _entry.TraceId = features.Get<IHttpActivityFeature>()?.Activity is { IdFormat: ActivityIdFormat.W3C } activity
            ? activity.TraceId.ToHexString() : null;
        _entry.Remote = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        var seen = features.Get<IHttpConnectionFeature>()?.RemoteIpAddress;
        _entry.Forwarded = seen is null || seen.Equals(_entry.Remote) ? null : seen;
        _log.Add(this);
    }

    // Of a request line that could not be read the server has empty texts.
    private static string? Known(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private void TakeId()
    {
        if (_features!.Own<IHttpRequestFeature>().Headers.TryGetValue(_log.RequestIdHeader, out var ids)
            && ids is [{ } id] && RequestId.IsValid(id))
        {
            // The logger's scope, which the framework makes of it, has it from here too.
            _features!.Own<IHttpRequestIdentifierFeature>().TraceIdentifier = id;
        }
    }

    private void ResponseStarting()
    {
        if (_features is { } features)
        {
            features.Own<IHttpResponseFeature>().Headers[_log.RequestIdHeader]
                = features.Own<IHttpRequestIdentifierFeature>().TraceIdentifier;
        }
    }
}
