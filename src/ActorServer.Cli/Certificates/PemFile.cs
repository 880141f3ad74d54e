using System.Text;

namespace ActorServer.Cli.Certificates;

/// <summary>A file to be written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Text">What it holds.</param>
/// <param name="IsSecret">Nobody but the owner is to read it.</param>
internal sealed record PemFile(string Name, string Text, bool IsSecret)
{
    /// <summary>Writes it; one of that name goes.</summary>
    public void Write(string folder)
    {
        var path = Path.Combine(folder, Name);
        // Before it is made anew, so that a key never takes over the rights of a file that others can read.
        File.Delete(path);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (IsSecret && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using FileStream file = new(path, options);
        file.Write(Encoding.ASCII.GetBytes(Text + "\n"));
    }
}
