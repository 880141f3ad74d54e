using ActorServer.DrainLab;

if (args is ["--serve-bare", ..])
{
    await BareServer.RunAsync(args[1..]);
    return 0;
}

if (args is [IdleClients.Argument])
{
    IdleClients.Run(Console.In, Console.Out);
    return 0;
}

if (args is ["--help" or "-h"])
{
    await Console.Out.WriteLineAsync(LabOptions.Usage);
    return 0;
}

if (LabOptions.Parse(args) is not { } options)
{
    await Console.Error.WriteLineAsync(LabOptions.Usage);
    return 64;
}

return options switch
{
    { RacesIdle: true } => await IdleRace.RunAsync(options, Console.Out),
    { CountsCost: true } => await RequestCost.RunAsync(options, Console.Out),
    { IsFleet: true } => await Series.RunFleetAsync(options, Console.Out),
    { Compares: true } => await Comparison.RunAsync(options, Console.Out),
    _ => await Series.RunAsync(options, Console.Out),
};
