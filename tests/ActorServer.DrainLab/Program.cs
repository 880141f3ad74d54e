using ActorServer.DrainLab;

if (args is ["--serve-bare", ..])
{
    await BareServer.RunAsync(args[1..]);
    return 0;
}

if (args is ["--serve-shop", ..])
{
    return await ShopServer.RunAsync(args[1..]);
}

if (args is ["--partition-inside"])
{
    return await PartitionRun.RunInsideAsync(Console.Out);
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
    { IsPartition: true } => await Series.RunPartitionAsync(Console.Out),
    { IsFleet: true } => await Series.RunFleetAsync(options, Console.Out),
    { Compares: true } => await Comparison.RunAsync(options, Console.Out),
    _ => await Series.RunAsync(options, Console.Out),
};
