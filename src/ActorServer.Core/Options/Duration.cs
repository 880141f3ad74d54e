using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ActorServer.Core;

/// <summary>A length of time, never negative, or <c>infinite</c>.</summary>
/// <remarks>
/// Written as <c>500ms</c>, <c>5s</c>, <c>2m</c>, <c>1h</c>, <c>0</c>, <c>00:00:05</c> or <c>infinite</c>, everywhere a duration
/// is read: configuration, HTTP, command line. Converts from <see cref="TimeSpan"/>.
/// </remarks>
public readonly record struct Duration : IComparable<Duration>
{
    private static readonly (string Unit, long Ticks)[] Units =
    [
        ("ms", TimeSpan.TicksPerMillisecond), ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
    ];

    private readonly TimeSpan _value;

    /// <summary>A length of time.</summary>
    /// <param name="value">Not negative; <see cref="Timeout.InfiniteTimeSpan"/> is infinite.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public Duration(TimeSpan value)
    {
        if (value == Timeout.InfiniteTimeSpan)
        {
            IsInfinite = true;
            return;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
        _value = value;
    }

    /// <summary>For ever.</summary>
    public static Duration Infinite { get; } = new(Timeout.InfiniteTimeSpan);

    /// <summary>No time at all.</summary>
    public static Duration Zero => default;

    /// <summary>How to write one, for messages.</summary>
    public static string Forms => "write 500ms, 5s, 2m, 1h or 00:00:05";

    /// <summary>It never ends.</summary>
    public bool IsInfinite { get; }

    /// <summary>The length.</summary>
    /// <exception cref="InvalidOperationException">It is infinite.</exception>
    public TimeSpan Value => IsInfinite ? throw new InvalidOperationException("An infinite duration has no value.") : _value;

    /// <summary>Converts a TimeSpan.</summary>
    /// <param name="value">Not negative, or infinite.</param>
    public static implicit operator Duration(TimeSpan value) => new(value);

    /// <summary>Compares two durations; infinite is the longest.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator <(Duration left, Duration right) => left.CompareTo(right) < 0;

    /// <summary>Compares two durations; infinite is the longest.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator >(Duration left, Duration right) => left.CompareTo(right) > 0;

    /// <summary>Compares two durations; infinite is the longest.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator <=(Duration left, Duration right) => left.CompareTo(right) <= 0;

    /// <summary>Compares two durations; infinite is the longest.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator >=(Duration left, Duration right) => left.CompareTo(right) >= 0;

    /// <summary>Adds two durations; infinite stays infinite.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static Duration operator +(Duration left, Duration right)
        => left.IsInfinite || right.IsInfinite ? Infinite : new(left._value + right._value);

    /// <summary>Reads a duration.</summary>
    /// <param name="text">One of the forms of this type's remarks; white space around it is ignored.</param>
    /// <param name="duration">What was read.</param>
    /// <returns>False when the text is none of the forms, negative, or beyond <see cref="TimeSpan.MaxValue"/>.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out Duration duration)
    {
        duration = default;
        text = text?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        if (text.Equals("infinite", StringComparison.OrdinalIgnoreCase))
        {
            duration = Infinite;
            return true;
        }

        if (text.Contains(':', StringComparison.Ordinal))
        {
            // Purposefully not TryParse, which takes the hours of 24:00:00 for days.
            if (!TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var span) || span < TimeSpan.Zero)
            {
                return false;
            }

            duration = new(span);
            return true;
        }

        return text == "0" || TryParseUnit(text, out duration);
    }

    /// <inheritdoc/>
    public int CompareTo(Duration other) => (IsInfinite, other.IsInfinite) switch
    {
        (true, true) => 0,
        (true, false) => 1,
        (false, true) => -1,
        (false, false) => _value.CompareTo(other._value),
    };

    /// <summary>The shortest form that reads back as the same duration.</summary>
    public override string ToString()
    {
        if (IsInfinite || _value == TimeSpan.Zero)
        {
            return IsInfinite ? "infinite" : "0";
        }

        var ticks = _value.Ticks;
        var (unit, size) = Array.FindLast(Units, u => ticks % u.Ticks == 0);
        return unit is null
            ? _value.ToString("c", CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{ticks / size}{unit}");
    }

    private static bool TryParseUnit(string text, out Duration duration)
    {
        duration = default;
        var digits = text.AsSpan().TrimEnd("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
        var unit = text[digits.Length..];
        var size = Array.Find(Units, u => u.Unit.Equals(unit, StringComparison.OrdinalIgnoreCase)).Ticks;
        if (size == 0
            || !decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            || number > long.MaxValue / size)
        {
            return false;
        }

        duration = new(TimeSpan.FromTicks((long)(number * size)));
        return true;
    }
}
