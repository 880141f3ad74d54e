using Microsoft.Win32.SafeHandles;

namespace ActorServer.Cli;

/// <summary>Where answers go. Unlike the console's own, it says when nobody reads them, and its failures are no others'.</summary>
internal sealed class StandardOutput(Stream inner) : Stream
{
    private const int BrokenPipe = 32;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>That of this process.</summary>
    public static TextWriter OfProcess()
        => Console.IsOutputRedirected
            ? new StreamWriter(new StandardOutput(Open()), Console.Out.Encoding) { AutoFlush = true }
            : Console.Out;

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            inner.Write(buffer);
        }
        catch (IOException exception)
        {
            throw new OutputException(exception.Message, isUnread: !OperatingSystem.IsWindows() && exception.HResult == BrokenPipe);
        }
    }

    public override void Flush()
    {
        // Nothing is kept back.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    // The console's stream takes a pipe that nobody reads for one that is read; a file stream does not, but writes to a file beside
    // others who write to it too.
    private static Stream Open()
    {
        if (OperatingSystem.IsWindows())
        {
            return Console.OpenStandardOutput();
        }

        FileStream direct = new(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return direct.CanSeek ? Console.OpenStandardOutput() : direct;
    }
}

/// <summary>An answer cannot be written.</summary>
/// <param name="message">Why, as the system says.</param>
/// <param name="isUnread">Whoever read has gone.</param>
internal sealed class OutputException(string message, bool isUnread) : Exception(message)
{
    public bool IsUnread => isUnread;
}
