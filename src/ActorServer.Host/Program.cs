using ActorServer.Host;
using Microsoft.Extensions.Options;

var started = false;
try
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions
    {
        Args = args,
        // Settings stand beside the program, wherever it is started from.
        ContentRootPath = AppContext.BaseDirectory,
    });
    builder.Configuration.AddHostDefaults();
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
