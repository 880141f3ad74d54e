using System.Runtime.CompilerServices;
using ActorServer.Core;

namespace ActorServer.Actors;

/// <summary>The last transitions: one writer, any number of readers, no lock.</summary>
internal struct Timeline
{
    private const int StateBits = 3;
    private Entries _entries;
    private int _count;

    public readonly TimelineEntry Last => Read(Volatile.Read(in _count) - 1);

    public readonly TimelineEntry? BeforeLast => Volatile.Read(in _count) is var count and > 1 ? Read(count - 2) : null;

    public void Add(ConnectionState state, DateTimeOffset at)
    {
        // State and instant in one word, so that no reader sees one without the other.
        Volatile.Write(ref _entries[_count % Entries.Length], (at.UtcTicks << StateBits) | (long)state);
        Volatile.Write(ref _count, _count + 1);
    }

    public readonly TimelineEntry[] ToArray()
    {
        var count = Volatile.Read(in _count);
        // One less than there is room for: the writer may be writing over the oldest.
        var entries = new TimelineEntry[Math.Min(count, Entries.Length - 1)];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = Read(count - entries.Length + i);
        }

        // While it was read the writer may have gone round: what it overwrote is out of order then.
        return Volatile.Read(in _count) == count ? entries : [entries[^1]];
    }

    private readonly TimelineEntry Read(int index)
    {
        var word = Volatile.Read(in _entries[index % Entries.Length]);
        return new((ConnectionState)(word & ((1 << StateBits) - 1)), new(word >> StateBits, TimeSpan.Zero));
    }

    [InlineArray(Length)]
    private struct Entries
    {
        public const int Length = 8;
        private long _first;
    }
}
