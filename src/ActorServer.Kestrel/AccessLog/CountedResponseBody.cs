using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace ActorServer.Kestrel;

/// <summary>A response's body, by stream, by pipe or from a file.</summary>
#pragma warning disable CA1001 // The stream is the application's, over the server's: nobody else disposes it.
internal sealed class CountedResponseBody(LoggedRequest request, IHttpResponseBodyFeature inner) : IHttpResponseBodyFeature
#pragma warning restore CA1001
{
    private readonly CountingWriter _writer = new(inner.Writer, request);
    private readonly CountingStream _stream = new(inner.Stream, request, null);

    public Stream Stream => _stream;

    public PipeWriter Writer => _writer;

    public void DisableBuffering() => inner.DisableBuffering();

    public Task StartAsync(CancellationToken cancellationToken = default) => inner.StartAsync(cancellationToken);

    public Task CompleteAsync() => inner.CompleteAsync();

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
        => SendFileFallback.SendFileAsync(_stream, path, offset, count, cancellationToken);
}
