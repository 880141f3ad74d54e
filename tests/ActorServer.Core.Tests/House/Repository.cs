namespace ActorServer.Core.Tests.House;

/// <summary>The files of the project, as they stand.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path)).ReplaceLineEndings("\n");

    /// <summary>A page holds between its markers what the code says.</summary>
    public static void AssertSame(string page, string name, string expected)
        => Assert.True(Between(page, name) == expected, $"{page} has drifted from the code. Paste this between its markers:\n\n{expected}\n");

    /// <summary>What a page holds between two markers, each on a line of its own.</summary>
    public static string Between(string path, string name)
    {
        var text = Read(path);
        var begin = $"<!-- {name}: begin -->\n";
        var start = text.IndexOf(begin, StringComparison.Ordinal);
        var end = text.IndexOf($"<!-- {name}: end -->", StringComparison.Ordinal);
        Assert.True(start >= 0 && end > start, $"{path} has no markers for {name}.");
        return text[(start + begin.Length)..end].Trim('\n');
    }

    /// <summary>What a source file holds between <c>// docs: NAME</c> and <c>// docs: end</c>, as far to the left as it goes.</summary>
    public static string Example(string path, string name)
    {
        var lines = Read(path).Split('\n')
            .SkipWhile(line => line.Trim() != $"// docs: {name}").Skip(1)
            .TakeWhile(line => line.Trim() != "// docs: end")
            .ToList();
        Assert.True(lines.Count > 0, $"{path} has no example {name}.");
        var indent = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length > 0 ? line[indent..] : line));
    }

    /// <summary>Every example of the tests' sources.</summary>
    public static IEnumerable<string> Examples()
        => from file in Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*.cs", SearchOption.AllDirectories)
           let path = Path.GetRelativePath(Root, file)
           from line in Read(path).Split('\n')
           where line.TrimStart().StartsWith("// docs: ", StringComparison.Ordinal) && line.Trim() != "// docs: end"
           select Example(path, line.Trim()["// docs: ".Length..]);

    /// <summary>The pages that are there to be read.</summary>
    public static IEnumerable<string> Pages()
        => Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file)).Concat(["README.md", "src/package.md"]);

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ActorServer.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside the project's folder.");
        }

        return folder.FullName;
    }
}
