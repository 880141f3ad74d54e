using ActorServer.Cli;

return await Actorctl.RunAsync(args, Surroundings.OfProcess());
