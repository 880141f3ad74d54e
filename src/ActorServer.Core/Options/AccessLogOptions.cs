namespace ActorServer.Core;

/// <summary>The access log: the keys under <c>ActorServer:AccessLog</c>.</summary>
public sealed class AccessLogOptions
{
    /// <summary>Write a line for each request, and give each request an id. Default false.</summary>
    public bool Enabled { get; set; }

    /// <summary>How a line looks. Default <see cref="AccessFormat.Json"/>.</summary>
    public AccessFormat Format { get; set; } = AccessFormat.Json;

    /// <summary>The file to write to; without one, lines go to the logger <c>ActorServer.AccessLog</c>. Default: none.</summary>
    public string? Path { get; set; }

    /// <summary>How large the file may become, in bytes, before it is rolled. 64 KiB to 1 TiB; default 100 MiB.</summary>
    public long FileSizeMax { get; set; } = 100L << 20;

    /// <summary>How many rolled files are kept beside the current one. 0 to 10000; default 31.</summary>
    public int FilesMax { get; set; } = 31;

    /// <summary>How many lines may wait to be written before new ones are dropped. 100 to 1000000; default 65536.</summary>
    public int BufferMax { get; set; } = 1 << 16;

    /// <summary>The header that a request's id is read from and answered in. Default <c>X-Request-Id</c>.</summary>
    public string RequestIdHeader { get; set; } = "X-Request-Id";

    /// <summary>
    /// Names of query parameters, separated by commas, whose values are not written; <c>*</c> stands for all. Default: none.
    /// </summary>
    public string? RedactQuery { get; set; }
}
