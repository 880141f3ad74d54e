namespace ActorServer.Actors.Tests;

/// <summary>Two threads that do something at the same moment, again and again.</summary>
internal static class Duet
{
    /// <summary>Runs both sides of every round at once; a round begins when both sides of the one before are done.</summary>
    /// <param name="rounds">How many.</param>
    /// <param name="left">One side of a round.</param>
    /// <param name="right">The other side.</param>
    /// <param name="between">What is done alone after each round.</param>
    public static async Task PlayAsync(int rounds, Action<int> left, Action<int> right, Action<int>? between = null)
    {
        using Barrier barrier = new(participantCount: 2, b => Between((int)b.CurrentPhaseNumber));
        await Task.WhenAll(RunAsync(left), RunAsync(right)).SoonAsync();

        // Each round has two phases: both are ready, and both are done.
        void Between(int phase)
        {
            if (phase % 2 == 1)
            {
                between?.Invoke(phase / 2);
            }
        }

        Task RunAsync(Action<int> side) => Task.Factory.StartNew(
            () =>
            {
                try
                {
                    for (var round = 0; round < rounds; round++)
                    {
                        Meet(barrier);
                        side(round);
                        Meet(barrier);
                    }
                }
                catch
                {
                    // The other side must not wait for ever for one that failed.
                    barrier.RemoveParticipant();
                    throw;
                }
            },
            TaskCreationOptions.LongRunning);
    }

    private static void Meet(Barrier barrier)
    {
        if (!barrier.SignalAndWait(VirtualNodeExtensions.WaitMax))
        {
            throw new TimeoutException("The other side did not come.");
        }
    }
}
