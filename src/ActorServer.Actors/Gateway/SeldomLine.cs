namespace ActorServer.Actors;

/// <summary>A line of the log that others can bring about: a few of it a minute, and how many were left away.</summary>
internal sealed class SeldomLine
{
    /// <summary>How many lines a minute has.</summary>
    public const int LinesMax = 10;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private DateTimeOffset _until;
    private int _taken;
    private long _skipped;

    /// <summary>Whether it is to be written.</summary>
    /// <param name="now">The time.</param>
    /// <param name="skipped">How many were not, since the one before.</param>
    public bool TryTake(DateTimeOffset now, out long skipped)
    {
        // A clock that was set back is not waited for.
        if (now >= _until || now < _until - Window)
        {
            (_until, _taken) = (now + Window, 0);
        }

        skipped = _skipped;
        if (_taken == LinesMax)
        {
            _skipped++;
            return false;
        }

        (_taken, _skipped) = (_taken + 1, 0);
        return true;
    }
}
