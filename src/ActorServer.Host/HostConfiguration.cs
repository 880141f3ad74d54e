using Microsoft.Extensions.Configuration.KeyPerFile;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.FileProviders;

namespace ActorServer.Host;

/// <summary>What the host adds to an application's usual configuration; whatever says otherwise has the last word.</summary>
internal static class HostConfiguration
{
    // Where containers find what nobody else may read: a file for a key, "__" for each ":" of its name.
    private const string Secrets = "/run/secrets";

    private const string Address = "http://127.0.0.1:5080";

    private static readonly string[] AddressKeys = ["urls", "http_ports", "https_ports"];

    /// <summary>Adds the files of secrets, and the address where none is given in any of the usual ways.</summary>
    public static void AddHostDefaults(this ConfigurationManager configuration)
    {
        IList<IConfigurationSource> sources = configuration.Sources;
        if (Directory.Exists(Secrets))
        {
            sources.Insert(0, new KeyPerFileConfigurationSource { FileProvider = new PhysicalFileProvider(Secrets), Optional = true });
        }

        // Not in appsettings.json, which would be stronger than the environment's ASPNETCORE_URLS.
        if (AddressKeys.All(key => string.IsNullOrEmpty(configuration[key])))
        {
            sources.Insert(0, new MemoryConfigurationSource { InitialData = [new(AddressKeys[0], Address)] });
        }
    }
}
