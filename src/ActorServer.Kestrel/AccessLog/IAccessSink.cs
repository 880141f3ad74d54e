namespace ActorServer.Kestrel;

/// <summary>Where lines go. One thread calls it; it may block, and it may throw.</summary>
internal interface IAccessSink : IDisposable
{
    /// <summary>Lines written since the start.</summary>
    long Written { get; }

    /// <summary>Makes ready, or says by an exception why that cannot be.</summary>
    void Open();

    /// <summary>Writes lines. What is not counted as written when this ends is lost.</summary>
    void Write(ReadOnlySpan<LoggedRequest> requests);
}
