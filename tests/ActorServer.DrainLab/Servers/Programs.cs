namespace ActorServer.DrainLab;

/// <summary>The programs of this build.</summary>
internal static class Programs
{
    private static readonly string Own = typeof(Programs).Assembly.GetName().Name!;

    /// <summary>What starts them.</summary>
    public static string Dotnet { get; } = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

    /// <summary>This one.</summary>
    public static string Lab { get; } = PathOf(Own);

    // All programs of a build stand beside each other: …/bin/PROJECT/CONFIGURATION/PROGRAM.dll.

    /// <summary>Where a program stands.</summary>
    /// <param name="project">Its project.</param>
    /// <param name="program">Its name, if it is not the project's.</param>
    public static string PathOf(string project, string? program = null)
    {
        var configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", project, configuration, $"{program ?? project}.dll"));
    }
}
