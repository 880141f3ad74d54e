namespace ActorServer.Core;

/// <summary>The configuration keys of <see cref="AccessLogOptions"/>.</summary>
internal static class AccessLogSettings
{
    private const int HeaderLengthMax = 64;
    private const long FileSizeMin = 64L << 10;
    private const long FileSizeMax = 1L << 40;

    public static Setting<ActorServerOptions>[] All { get; } =
    [
        Setting.Flag<ActorServerOptions>(
            "AccessLog:Enabled", false, o => o.AccessLog.Enabled, (o, v) => o.AccessLog.Enabled = v,
            "Write a line for each request, and give each request an id. The host of this repository turns it on."),
        Setting.Choice<ActorServerOptions, AccessFormat>(
            "AccessLog:Format", AccessFormat.Json, o => o.AccessLog.Format, (o, v) => o.AccessLog.Format = v,
            "How a line looks."),
        Setting.Text<ActorServerOptions>(
            "AccessLog:Path", "none", "the path of a file, not of a directory", IsFilePath,
            o => o.AccessLog.Path, (o, v) => o.AccessLog.Path = v,
            "The file to write to. Without one, lines go to the logger `ActorServer.AccessLog`."),
        Setting.Number<ActorServerOptions>(
            "AccessLog:FileSizeMax", 100L << 20, FileSizeMin, FileSizeMax,
            o => o.AccessLog.FileSizeMax, (o, v) => o.AccessLog.FileSizeMax = v,
            "How large the file may become, in bytes, before it is rolled. It is rolled each day too."),
        Setting.Number<ActorServerOptions>(
            "AccessLog:FilesMax", 31, 0, 10_000, o => o.AccessLog.FilesMax, (o, v) => o.AccessLog.FilesMax = (int)v,
            "How many rolled files are kept beside the current one."),
        Setting.Number<ActorServerOptions>(
            "AccessLog:BufferMax", 1 << 16, 100, 1_000_000, o => o.AccessLog.BufferMax, (o, v) => o.AccessLog.BufferMax = (int)v,
            "How many lines may wait to be written before new ones are dropped."),
        Setting.Text<ActorServerOptions>(
            "AccessLog:RequestIdHeader", "X-Request-Id", $"the name of a header, 1 to {HeaderLengthMax} characters", IsHeaderName,
            o => o.AccessLog.RequestIdHeader, (o, v) => o.AccessLog.RequestIdHeader = v,
            "The header that a request's id is read from and answered in."),
        Setting.Text<ActorServerOptions>(
            "AccessLog:RedactQuery", "none", "names of query parameters, separated by commas, or *", QueryRedaction.IsValid,
            o => o.AccessLog.RedactQuery, (o, v) => o.AccessLog.RedactQuery = v,
            "The query parameters whose values are not written; * stands for all."),
    ];

    private static bool IsFilePath(string text)
        => text.Trim().Length > 0 && !text.Contains('\0', StringComparison.Ordinal) && text[^1] is not ('/' or '\\');

    private static bool IsHeaderName(string text) => text.Length is >= 1 and <= HeaderLengthMax && text.All(RequestId.IsTokenCharacter);
}
