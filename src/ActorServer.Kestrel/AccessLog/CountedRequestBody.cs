using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.Kestrel;

/// <summary>A request's body, by stream or by pipe.</summary>
#pragma warning disable CA1001 // The stream is the application's, over the server's: nobody else disposes it.
internal sealed class CountedRequestBody : IRequestBodyPipeFeature
#pragma warning restore CA1001
{
    private readonly IHttpRequestFeature _request;
    private readonly IRequestBodyPipeFeature _inner;
    private readonly CountingReader _reader;
    private readonly CountingStream _stream;

    private CountedRequestBody(LoggedRequest request, IHttpRequestFeature facts, IRequestBodyPipeFeature inner)
    {
        (_request, _inner) = (facts, inner);
        _reader = new(inner.Reader, request);
        _stream = new(facts.Body, request, _reader);
    }

    // Whoever has put another stream there, to decompress for instance, is asked for a pipe over that.
    public PipeReader Reader => ReferenceEquals(_request.Body, _stream) ? _reader : _inner.Reader;

    public static void Attach(LoggedRequest request, IFeatureCollection features)
    {
        if (features.Get<IRequestBodyPipeFeature>() is { } pipe)
        {
            var facts = features.GetRequiredFeature<IHttpRequestFeature>();
            CountedRequestBody body = new(request, facts, pipe);
            facts.Body = body._stream;
            features.Set<IRequestBodyPipeFeature>(body);
        }
    }
}
