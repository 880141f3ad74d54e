using ActorServer.Host;
using Microsoft.Extensions.Configuration.KeyPerFile;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;

// Where containers find what nobody else may read: a file for a key, "__" for each ":" of its name.
const string Secrets = "/run/secrets";

var started = false;
try
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions
    {
        Args = args,
        // Settings stand beside the program, wherever it is started from.
        ContentRootPath = AppContext.BaseDirectory,
    });
    if (Directory.Exists(Secrets))
    {
        // Before all others: what is said aloud, on the command line for one, has the last word.
        builder.Configuration.Sources.Insert(0, new KeyPerFileConfigurationSource
        {
            FileProvider = new PhysicalFileProvider(Secrets),
            Optional = true,
        });
    }

    builder.AddActorServer(options => options.AccessLog.Enabled = true);
    builder.AddActorServerAdmin();
    builder.AddActorServerCluster();
    builder.AddDemonstration();

    await using var app = builder.Build();
    app.MapDemonstration();
    try
    {
        await app.StartAsync();
        started = true;
    }
    catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
    {
        // A signal came first. Nothing has been served, so nothing is left to do.
        return 0;
    }

    await app.WaitForShutdownAsync();
    return Environment.ExitCode;
}
#pragma warning disable CA1031 // Whatever keeps it from starting is told in a sentence; the host's log has the rest.
catch (Exception exception) when (!started)
#pragma warning restore CA1031
{
    var reasons = exception is OptionsValidationException options ? options.Failures : [exception.Message];
    await Console.Error.WriteLineAsync($"ActorServer does not start: {string.Join("\n  ", reasons)}");
    return 64;
}
