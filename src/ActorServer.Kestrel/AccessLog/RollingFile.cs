using System.Globalization;
using System.Text.RegularExpressions;

namespace ActorServer.Kestrel;

/// <summary>
/// A file that is appended to, and set aside when it has become too large or another day (UTC) has begun: <c>access.log</c>
/// becomes <c>access-20261123-1.log</c>. The oldest of those set aside are deleted.
/// </summary>
/// <remarks>What is no regular file, a pipe or a device, is never rolled. One that somebody takes away is made anew.</remarks>
internal sealed class RollingFile(string path, long sizeMax, int filesMax, ReadOnlyMemory<byte> header, TimeProvider time) : IDisposable
{
    private readonly string _path = Path.GetFullPath(path);
    private FileStream? _stream;
    private bool _rolls;
    private bool _isTorn;
    private DateTime _day;

    private DateTime Today => time.GetUtcNow().UtcDateTime.Date;

    public void Open()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        // Others may read, move and delete it; and a successor may write to it while its predecessor still drains.
        var handle = File.OpenHandle(_path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        AppendMode.Set(handle);
        var stream = _stream = new(handle, FileAccess.Write, bufferSize: 0);
        // What lies below these is not ours to move, even where it leads to a file: /dev/stdout may.
        _rolls = stream.CanSeek
            && !_path.StartsWith("/dev/", StringComparison.Ordinal) && !_path.StartsWith("/proc/", StringComparison.Ordinal);
        _day = Today;
        if (!_rolls)
        {
            return;
        }

        if (RandomAccess.GetLength(handle) == 0)
        {
            RandomAccess.Write(handle, header.Span, 0);
            return;
        }

        // It is what an earlier run has left, perhaps of another day.
        _day = File.GetLastWriteTimeUtc(_path).Date;
    }

    /// <summary>Appends whole lines.</summary>
    public void Write(ReadOnlySpan<byte> lines)
    {
        if (_stream is not null && _rolls && !File.Exists(_path))
        {
            Close();
        }

        if (_stream is null)
        {
            Open();
        }

        if (_rolls)
        {
            RollIfDue(lines.Length);
        }

        var torn = _isTorn;
        // Until it is known to be whole: a disk that fills up takes half a block.
        _isTorn = true;
        if (torn && _rolls)
        {
            Append("\n"u8);
        }

        Append(lines);
        _isTorn = false;
    }

    public void Dispose() => Close();

    private void Append(ReadOnlySpan<byte> bytes)
    {
        var stream = _stream!;
        if (stream.CanSeek)
        {
            // To its end, wherever that is by now.
            RandomAccess.Write(stream.SafeFileHandle, bytes, RandomAccess.GetLength(stream.SafeFileHandle));
        }
        else
        {
            stream.Write(bytes);
        }
    }

    private void RollIfDue(int coming)
    {
        var length = RandomAccess.GetLength(_stream!.SafeFileHandle);
        if (length == 0)
        {
            // There is nothing to set aside.
            _day = Today;
        }
        else if (_day != Today || length + coming > sizeMax)
        {
            try
            {
                Roll();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // A file that is too large is better than lines that are lost; it is tried again with the next ones.
                if (_stream is null)
                {
                    Open();
                }
            }
        }
    }

    private void Roll()
    {
        var (folder, name, extension) = Parts();
        var stem = string.Create(CultureInfo.InvariantCulture, $"{name}-{_day:yyyyMMdd}");
        var last = SetAside().Where(f => f.Day == _day).Select(f => f.Number).DefaultIfEmpty(0).Max();
        Close();
        File.Move(_path, Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{stem}-{last + 1}{extension}")));
        foreach (var old in SetAside().OrderByDescending(f => f.Day).ThenByDescending(f => f.Number).Skip(filesMax).ToList())
        {
            File.Delete(old.Path);
        }

        Open();
    }

    private (string Folder, string Name, string Extension) Parts()
        => (Path.GetDirectoryName(_path)!, Path.GetFileNameWithoutExtension(_path), Path.GetExtension(_path));

    private IEnumerable<(string Path, DateTime Day, int Number)> SetAside()
    {
        var (folder, name, extension) = Parts();
        Regex pattern = new($"^{Regex.Escape(name)}-([0-9]{{8}})-([0-9]{{1,9}}){Regex.Escape(extension)}$");
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            if (pattern.Match(Path.GetFileName(file)) is { Success: true } match
                && DateTime.TryParseExact(
                    match.Groups[1].Value, "yyyyMMdd", CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var day))
            {
                yield return (file, day, int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
            }
        }
    }

    private void Close()
    {
        _stream?.Dispose();
        _stream = null;
    }
}
