using ActorServer.Benchmarks;

if (args is [IdleClients.Argument])
{
    IdleClients.Run(Console.In, Console.Out);
    return 0;
}

if (args is [PeerServer.BareArgument or PeerServer.OwnArgument])
{
    await PeerServer.RunAsync(args[0] == PeerServer.OwnArgument, Console.In, Console.Out);
    return 0;
}

if (args is ["--help" or "-h" or "help"])
{
    await Console.Out.WriteLineAsync(BenchmarkOptions.Usage);
    return 0;
}

if (BenchmarkOptions.Parse(args) is not { } options)
{
    await Console.Error.WriteLineAsync(BenchmarkOptions.Usage);
    return 64;
}

try
{
    var report = await MeasureAsync(options);
    await report.WriteAsync(options.Output, Console.Out);
    return 0;
}
catch (InvalidOperationException exception)
{
    // Something is missing here, or what was measured cannot be.
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}

static async Task<Report> MeasureAsync(BenchmarkOptions options) => options.Command switch
{
    Command.Scale or Command.Sockets => await ScaleRun.RunAsync(options, Console.Out),
    Command.IdleRace => await IdleRace.RunAsync(options, Console.Out),
    Command.Requests => await RequestCost.RunAsync(options),
    Command.BlockedLog => await BlockedLogCost.RunAsync(options),
    Command.Churn => await ChurnCost.RunAsync(options),
    Command.Memory => await MemoryCost.RunAsync(options),
    Command.Peers => await PeerRun.RunAsync(options, Console.Out),
    Command.Pure => PureRun.Run(),
    Command.Soak => await SoakRun.RunAsync(options, Console.Out),
    Command.Table => await TableRun.RunAsync(options, Console.Out),
};
