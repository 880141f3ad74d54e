using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text;

namespace ActorServer.Core;

/// <summary>Text of plain lines, as UTF-8 bytes that nothing in a request can break out of.</summary>
internal static class LineText
{
    /// <summary>The longest address: IPv6 with a scope.</summary>
    public const int AddressLengthMax = 65;

    /// <summary>Writes an address; one of IPv4 that came mapped into IPv6 as what it is.</summary>
    /// <returns>The number of bytes.</returns>
    public static int Format(IPAddress address, Span<byte> text)
        => (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).TryFormat(text, out var written) ? written : 0;

    public static void Address(IBufferWriter<byte> output, IPAddress? address)
    {
        if (address is null)
        {
            output.Write("-"u8);
            return;
        }

        output.Advance(Format(address, output.GetSpan(AddressLengthMax)));
    }

    public static void Number(IBufferWriter<byte> output, long number)
    {
        Utf8Formatter.TryFormat(number, output.GetSpan(20), out var written);
        output.Advance(written);
    }

    public static void Time(IBufferWriter<byte> output, DateTime time, string format)
    {
        time.TryFormat(output.GetSpan(32), out var written, format, CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    /// <summary>
    /// Writes a text, a dash for none. What is safe stands for itself; every other byte of the text's UTF-8 is written as two
    /// hexadecimal digits behind the mark.
    /// </summary>
    public static void Escaped(IBufferWriter<byte> output, ReadOnlySpan<char> text, SearchValues<char> safe, ReadOnlySpan<byte> mark)
    {
        if (text.IsEmpty)
        {
            output.Write("-"u8);
            return;
        }

        while (!text.IsEmpty)
        {
            var unsafeAt = text.IndexOfAnyExcept(safe);
            var run = unsafeAt < 0 ? text : text[..unsafeAt];
            output.Advance(Encoding.ASCII.GetBytes(run, output.GetSpan(run.Length)));
            text = text[run.Length..];
            if (!text.IsEmpty)
            {
                // Half of a surrogate pair is read as U+FFFD.
                Rune.DecodeFromUtf16(text, out var rune, out var length);
                Escape(output, rune, mark);
                text = text[length..];
            }
        }
    }

    /// <summary>The visible characters of ASCII, and those given, without those given.</summary>
    public static SearchValues<char> Visible(string with, string without)
        => SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c).Concat(with).Except(without)]);

    private static void Escape(IBufferWriter<byte> output, Rune rune, ReadOnlySpan<byte> mark)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var b in bytes[..rune.EncodeToUtf8(bytes)])
        {
            var span = output.GetSpan(mark.Length + 2);
            mark.CopyTo(span);
            Utf8Formatter.TryFormat(b, span[mark.Length..], out _, new StandardFormat('X', 2));
            output.Advance(mark.Length + 2);
        }
    }
}
