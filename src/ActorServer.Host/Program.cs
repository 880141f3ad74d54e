using ActorServer.Host;
using Microsoft.Extensions.Options;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions
{
    Args = args,
    // Settings stand beside the program, wherever it is started from.
    ContentRootPath = AppContext.BaseDirectory,
});
builder.AddActorServer();
builder.AddActorServerAdmin();

try
{
    // The options are read here already, or at the start.
    var app = builder.Build();
    app.MapDemonstration();
    await app.RunAsync();
    return Environment.ExitCode;
}
catch (OptionsValidationException exception)
{
    await Console.Error.WriteLineAsync($"ActorServer does not start: {string.Join("\n  ", exception.Failures)}");
    return 64;
}
