using System.CommandLine;
using System.Globalization;

namespace ActorServer.Cli.Certificates;

/// <summary><c>certs</c>.</summary>
internal static class CertsVerb
{
    private const int DaysMax = 825;

    public static Command Create(Surroundings surroundings)
    {
        var outOption = Common.Text("--out", "DIR", "Where to write them. [default: certs]", recursive: false);
        Option<string[]> host = new("--host")
        {
            Description = "A name or address of a node; may be given again. [default: localhost, 127.0.0.1, ::1]",
            HelpName = "NAME",
        };
        var days = Common.Text("--days", "N", $"How long they are valid, 1 to {DaysMax} days. [default: 30]", recursive: false);
        Option<bool> force = new("--force") { Description = "Overwrite what is there." };
        Command command = new(
            "certs", "Make a development authority, and certificates of it for nodes and operators.") { outOption, host, days, force };
        command.SetAction(parse =>
        {
            DevelopmentAuthority authority = new(surroundings.Time, ReadDays(parse.GetValue(days)));
            var folder = parse.GetValue(outOption) ?? "certs";
            var hosts = parse.GetValue(host) is { Length: > 0 } names ? names : ["localhost", "127.0.0.1", "::1"];
            foreach (var name in hosts)
            {
                if (Uri.CheckHostName(name) == UriHostNameType.Unknown)
                {
                    throw new UsageException($"--host cannot be \"{Screens.Plain.Text(name)}\": it is a host name or an address.");
                }
            }

            foreach (var file in Write(folder, authority.Make(hosts), parse.GetValue(force)))
            {
                surroundings.Out.WriteLine(file);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static IEnumerable<string> Write(string folder, IReadOnlyList<PemFile> files, bool force)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var there = files.Select(f => Path.Combine(folder, f.Name)).Where(File.Exists).ToList();
            if (there.Count > 0 && !force)
            {
                throw new RefusedException($"{string.Join(", ", there)} is there already: --force overwrites.");
            }

            foreach (var file in files)
            {
                file.Write(folder);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException(exception.Message);
        }

        return files.Select(f => Path.Combine(folder, f.Name));
    }

    private static int ReadDays(string? text)
        => text is null ? 30
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 1 and <= DaysMax ? days
            : throw new UsageException($"--days cannot be \"{Screens.Plain.Text(text)}\": it is 1 to {DaysMax}.");
}
