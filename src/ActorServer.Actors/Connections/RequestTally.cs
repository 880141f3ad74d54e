using System.Runtime.InteropServices;

namespace ActorServer.Actors;

/// <summary>How many requests a node has answered: counted on any thread, read without asking a million connections.</summary>
internal sealed class RequestTally
{
    // A cache line apart: cores that count at the same time do not wait for each other.
    private readonly Stripe[] _stripes = new Stripe[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount)];

    /// <summary>All that has been counted so far.</summary>
    public long Value
    {
        get
        {
            var sum = 0L;
            foreach (ref var stripe in _stripes.AsSpan())
            {
                sum += Volatile.Read(ref stripe.Count);
            }

            return sum;
        }
    }

    /// <summary>One more.</summary>
    public void Increment() => Interlocked.Increment(ref _stripes[Thread.GetCurrentProcessorId() & (_stripes.Length - 1)].Count);

    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Stripe
    {
        [FieldOffset(64)]
        public long Count;
    }
}
